import type { Clock } from "../core/clock.ts";
import { tokenKey } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import { bareJid, type Invite, inviteUri, landingPage, never, stateOf } from "./invite.ts";
import { findShown } from "./shown_store.ts";
import { asItStands, type InviteWatch } from "./watch.ts";

/** What anybody who has the link may see of an invite. */
export type Shown = Pick<
  Invite,
  "type" | "jid" | "host" | "uri" | "landing_page" | "register" | "state" | "max_uses" | "expires_at"
>;

/** By token, for whoever has it: the link is the right to see it. */
export type FindShown = (host: string, token: string) => Promise<Shown | undefined>;

export function createShown(
  { database, hosts, clock, watch }: {
    database: Database;
    hosts: Hosts;
    clock: Clock;
    watch: Pick<InviteWatch, "isPaused">;
  },
): FindShown {
  return async (host, token) => {
    const token_key = tokenKey(token);
    const found = await findShown(database.db, host, token_key);
    if (found === undefined) return undefined;
    const row = await asItStands(watch, { ...found, host, token_key });
    const { type, username, max_uses, for_jid } = row;
    const register = row.register === 1;
    return {
      ...{ type, host, register, max_uses },
      jid: bareJid(username, host),
      uri: inviteUri({ type, username, register, host, token, for_jid }),
      landing_page: landingPage(hosts.byDomain(host).publicUrl, token),
      state: stateOf(row, clock()),
      expires_at: row.expires_at >= never ? null : row.expires_at,
    };
  };
}
