import { LRUCache } from "lru-cache";
import type { Clock } from "../core/clock.ts";
import { tokenKey } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import { bareJid, type Invite, inviteUri, landingPage, never, stateOf } from "./invite.ts";
import { findShown, type ShownRow } from "./shown_store.ts";
import { asItStands, type InviteWatch } from "./watch.ts";

/** What anybody who has the link may see of an invite. */
export type Shown = Pick<
  Invite,
  "type" | "jid" | "host" | "uri" | "landing_page" | "register" | "state" | "max_uses" | "expires_at"
>;

/** By token, for whoever has it: the link is the right to see it. */
export type FindShown = (host: string, token: string) => Promise<Shown | undefined>;

type Known = ShownRow & { readonly host: string; readonly token_key: string };

export function createShown(
  { database, hosts, clock, watch }: {
    database: Database;
    hosts: Hosts;
    clock: Clock;
    watch: Pick<InviteWatch, "isPaused">;
  },
): FindShown {
  // What the store said when it was last written to: a link is opened by people, previews and scanners at once.
  const known = new LRUCache<string, Known>({ max: 64 });
  let knownAt = -1;

  async function find(host: string, token: string): Promise<Known | undefined> {
    const version = database.version();
    if (version !== knownAt) {
      known.clear();
      knownAt = version;
    }
    const key = `${host} ${token}`;
    const before = known.get(key);
    if (before) return before;
    const token_key = tokenKey(token);
    const row = await findShown(database.db, host, token_key);
    const found = row && { ...row, host, token_key };
    if (found && version === database.version()) known.set(key, found);
    return found;
  }

  return async (host, token) => {
    const found = await find(host, token);
    if (found === undefined) return undefined;
    const row = await asItStands(watch, found);
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
