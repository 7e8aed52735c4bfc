import type { Clock } from "../core/clock.ts";
import { createPace, inPieces, letOthersRun } from "../core/turn.ts";
import type { Database } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { revokedEvent } from "./invite_events.ts";
import { bareJid, inviteId, stateOf } from "./invite.ts";
import {
  eraseInvitesOf,
  listIdsOf,
  listInvitesById,
  listPendingAfter,
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
  countPending(host: string, usernames: readonly string[]): Promise<number>;
  /** Revokes them, some at a time; answers how many. @param by whose doing it is */
  revokePending(host: string, usernames: readonly string[], by: string): Promise<number>;
  /** What is kept here about somebody, without the links. `undefined`: nothing. */
  export(host: string, username: string): Promise<unknown>;
  /** Takes the name out of it; what one has invited to is withdrawn. */
  erase(host: string, username: string): Promise<void>;
}

const most = 10_000; // of one user
const atOnce = 200; // in one write: some ms
const looked = 1_000; // in one statement that only looks

export function createInvitesOfPeople(
  { database, clock, emit }: { database: Database; clock: Clock; emit: Emit },
): InvitesOfPeople {
  /** Some at a time: of one user there may be tens of thousands. */
  async function* pendingOf(host: string, usernames: readonly string[]): AsyncGenerator<number[], void> {
    if (usernames.length === 0) return;
    const now = clock();
    const few = await listPendingOf(database.db, host, usernames, now, looked);
    if (few.length < looked) {
      for (let at = 0; at < few.length; at += atOnce) yield few.slice(at, at + atOnce);
      return;
    }
    const [pace, some] = [createPace(), [] as number[]];
    for (const username of usernames) {
      for (const tie of ["made", "contact"] as const) {
        for (let after: number | undefined = 0; after !== undefined; await pace()) {
          const page: { ids: number[]; next?: number } = await listPendingAfter(database.db, host, {
            ...{ username, tie, after, now, limit: atOnce },
          });
          some.push(...page.ids);
          if (some.length >= atOnce) yield some.splice(0);
          after = page.next;
        }
      }
    }
    yield some;
  }

  async function countPending(host: string, usernames: readonly string[]): Promise<number> {
    let count = 0;
    for await (const ids of pendingOf(host, usernames)) count += ids.length;
    return count;
  }

  async function revokePending(host: string, usernames: readonly string[], by: string): Promise<number> {
    let count = 0;
    for await (const ids of pendingOf(host, usernames)) {
      if (ids.length === 0) continue;
      count += await database.write(async (db) => {
        const now = clock();
        const revoked = await revokeInvites(db, host, ids, now);
        await emit(db, revoked.map((row) => revokedEvent(row, now, by)));
        return revoked.length;
      });
      await letOthersRun();
    }
    return count;
  }

  async function exported(host: string, username: string): Promise<Record<string, unknown>[]> {
    const ids = await listIdsOf(database.db, host, username, most);
    const [pace, invites] = [createPace(), [] as Record<string, unknown>[]];
    for (let at = 0; at < ids.length; at += atOnce) {
      const rows = await listInvitesById(database.db, host, ids.slice(at, at + atOnce));
      invites.push(...rows.map((row) => ({
        id: inviteId(row.token_key),
        type: row.type,
        state: stateOf(row, clock()),
        made: localOf(row.source, host) === username,
        jid: bareJid(row.username, host),
        ...(row.for_jid !== null && { for: row.for_jid }),
        uses: row.uses,
        ...JSON.parse(row.details),
        created_at: time(row.created_at),
      })));
      await pace();
    }
    return invites;
  }

  return {
    countPending,

    revokePending,

    async export(host, username) {
      const [invites, uses] = await Promise.all([
        exported(host, username),
        listUsesOf(database.db, host, username, most),
      ]);
      if (invites.length + uses.length === 0) return undefined;
      return {
        invites,
        used: uses.map(({ token_key, created_at }) => ({
          invite: inviteId(token_key),
          at: time(created_at),
        })),
      };
    },

    async erase(host, username) {
      await revokePending(host, [username], bareJid(username, host));
      await inPieces(() =>
        database.write((db) => eraseInvitesOf(db, host, username, { now: clock(), erased, limit: atOnce }))
      );
    },
  };
}

const time = (value: number) => new Date(value).toISOString();
