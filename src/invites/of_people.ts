import type { Clock } from "../core/clock.ts";
import type { Database, Db } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { revokedEvent } from "./invite_events.ts";
import { bareJid, inviteId, stateOf } from "./invite.ts";
import {
  eraseInvitesOf,
  listInvitesOf,
  listPendingOf,
  listUsesOf,
  revokeInvites,
} from "./of_people_store.ts";
import { localOf } from "./watch.ts";

/** What stands where a name was. */
export const erased = "erased";

/** Invites as they belong to people of a host. */
export interface InvitesOfPeople {
  /** How many pending invites these people have made, or are the contact of. */
  countPending(db: Db, host: string, usernames: readonly string[]): Promise<number>;
  /** Revokes them; answers how many. @param by whose doing it is */
  revokePending(db: Db, host: string, usernames: readonly string[], by: string): Promise<number>;
  /** What is kept here about somebody, without the links. `undefined`: nothing. */
  export(host: string, username: string): Promise<unknown>;
  /** Takes the name out of it; what one has invited to is withdrawn. */
  erase(host: string, username: string): Promise<void>;
}

const most = 10_000; // of one user

export function createInvitesOfPeople(
  { database, clock, emit }: { database: Database; clock: Clock; emit: Emit },
): InvitesOfPeople {
  async function revokePending(
    db: Db,
    host: string,
    usernames: readonly string[],
    by: string,
  ): Promise<number> {
    const now = clock();
    const ids = await pending(db, host, usernames);
    if (ids.length === 0) return 0;
    const revoked = await revokeInvites(db, host, ids, now);
    await emit(db, revoked.map((row) => revokedEvent(row, now, by)));
    return revoked.length;
  }

  const pending = (db: Db, host: string, usernames: readonly string[]) =>
    usernames.length === 0 ? Promise.resolve([]) : listPendingOf(db, host, usernames, clock());

  return {
    countPending: async (db, host, usernames) => (await pending(db, host, usernames)).length,

    revokePending,

    async export(host, username) {
      const [invites, uses] = await Promise.all([
        listInvitesOf(database.db, host, username, most),
        listUsesOf(database.db, host, username, most),
      ]);
      if (invites.length + uses.length === 0) return undefined;
      return {
        invites: invites.map((row) => ({
          id: inviteId(row.token_key),
          type: row.type,
          state: stateOf(row, clock()),
          made: localOf(row.source, host) === username,
          jid: bareJid(row.username, host),
          ...(row.for_jid !== null && { for: row.for_jid }),
          uses: row.uses,
          ...JSON.parse(row.details),
          created_at: time(row.created_at),
        })),
        used: uses.map(({ token_key, created_at }) => ({
          invite: inviteId(token_key),
          at: time(created_at),
        })),
      };
    },

    erase: (host, username) =>
      database.write(async (db) => {
        await revokePending(db, host, [username], bareJid(username, host));
        await eraseInvitesOf(db, host, username, { now: clock(), erased });
      }),
  };
}

const time = (value: number) => new Date(value).toISOString();
