import type { Clock } from "../core/clock.ts";
import { tokenKey } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import { bareJid, type Invite, inviteUri, landingPage, never, stateOf } from "./invite.ts";
import { findShown } from "./shown_store.ts";

/** What anybody who has the link may see of an invite. */
export type Shown = Pick<
  Invite,
  "type" | "jid" | "host" | "uri" | "landing_page" | "register" | "state" | "max_uses" | "expires_at"
>;

/** By token, for whoever has it: the link is the right to see it. */
export type FindShown = (host: string, token: string) => Promise<Shown | undefined>;

export function createShown(
  { database, hosts, clock }: { database: Database; hosts: Hosts; clock: Clock },
): FindShown {
  return async (host, token) => {
    const row = await findShown(database.db, host, tokenKey(token));
    if (row === undefined) return undefined;
    const { type, username, max_uses } = row;
    const register = row.register === 1;
    return {
      ...{ type, host, register, max_uses },
      jid: bareJid(username, host),
      uri: inviteUri({ type, username, register, host, token }),
      landing_page: landingPage(hosts.byDomain(host).publicUrl, token),
      state: stateOf(row, clock()),
      expires_at: row.expires_at >= never ? null : row.expires_at,
    };
  };
}
