import { parseBareJid } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { tokenKey } from "../core/token.ts";
import { inPieces } from "../core/turn.ts";
import type { Db } from "../store/database.ts";
import type { Events } from "../webhooks/events.ts";
import { createCounting } from "./counting.ts";
import { forgetIdempotent } from "./idempotency_store.ts";
import { bareJid, boundName, type InviteState, stateOf } from "./invite.ts";
import { tellExpired } from "./expiry.ts";
import { revokedEvent } from "./invite_events.ts";
import type { InviteNeeds } from "./invites.ts";
import type { Telling } from "./watch.ts";
import { requireUnreserved } from "./reserved.ts";
import { countHeld, deleteHold, listEndingHolds, markTold, putRedemption } from "./redemption_store.ts";
import {
  deleteEndedBefore,
  findInvite,
  findInviteById,
  type InviteRow,
  revokeInvitesOf,
  updateInvite,
} from "./store.ts";

/** One attempt to use an invite. */
export interface Attempt {
  readonly host: string;
  readonly token: string;
  /** Chosen by who asks, new for each attempt: the same claim asked twice is one attempt. */
  readonly claim: string;
}

/** Using an invite up, in two steps: hold a use, then count it or give it back. A hold ends by itself. */
export interface Redemption {
  /**
   * Holds a use for a registration (or a reset) under this username, which the server has prepped.
   * Without a token it only asks whether the name is free, where accounts are made without an invite.
   * @param exists whether there is an account of that name already
   * @param shownAt when the invite was shown before (XEP-0445, 4): one that has expired since is good for an hour
   * @throws Problem `invite-unknown`, `invite-spent`, `invite-paused`, `invite-mismatch`, `username-taken`,
   * `username-reserved`, `not-allowed`
   */
  reserve(
    attempt: Partial<Attempt> & { host: string; username: string; exists: boolean; shownAt?: number },
  ): Promise<void>;
  /** The same for a subscription by `contact` (a bare JID) that carries the token (XEP-0379). */
  reserveContact(attempt: Attempt & { username: string; contact: string }): Promise<void>;
  /**
   * Counts a held use for good; again is no error. A hold that has ended meanwhile is counted all the same.
   * Answers what the inviter is to be told, again if asked again: who asks again has not had the answer.
   */
  commit(attempt: Attempt & { jid: string }): Promise<Telling | undefined>;
  /** Gives a held use back; again, or after it was counted, is no error. */
  release(attempt: Attempt): Promise<void>;
  /**
   * Prosody's mod_invites has removed the token from its store: used if somebody was redeeming it, else revoked.
   */
  removed(host: string, token: string): Promise<void>;
  /** An account was made without an invite; again under the same claim is the same event. */
  registered(host: string, jid: string, claim: string): Promise<void>;
  /** An account was deleted: what it invited to, and resets for it, are withdrawn. */
  purge(host: string, username: string): Promise<void>;
  /** Settles holds that are about to end, and deletes what ended longer ago than the retention time. */
  sweep(): Promise<void>;
}

const inviteNeeded = () =>
  new Problem(
    "not-allowed",
    "An account is made here with an invite only. Ask somebody who has one for a link.",
  );

const longestStream = 3_600_000; // ms between showing an invite and registering with it
const day = 86_400_000;
const atOnce = 100; // rows in one write: some ms, for which nothing else is answered

const dead: Record<Exclude<InviteState, "pending">, string> = {
  used: "This invite has been used. Ask for a new one.",
  expired: "This invite has expired. Ask for a new one.",
  revoked: "This invite was withdrawn. Ask for a new one.",
  paused: "This invite is paused just now. Try again later, or ask for a new one.",
};

/** @throws Problem `invite-unknown`, `invite-spent` or `invite-paused` */
export function requirePending(row: InviteRow | undefined, now: number): asserts row is InviteRow {
  if (!row) throw new Problem("invite-unknown", "This invite is not known here. Check the link.");
  const state = stateOf(row, now);
  if (state !== "pending") {
    throw new Problem(state === "paused" ? "invite-paused" : "invite-spent", dead[state]);
  }
}

export function createRedemption(
  needs: InviteNeeds & {
    readonly events: Events;
    readonly lease: number;
    readonly retention: number;
  },
): Redemption {
  const { database, hosts, prosody, clock, groups, lease, retention, events, watch } = needs;
  const count = createCounting(needs);
  const find = (db: Db, { host, token }: { host: string; token: string }) =>
    findInvite(db, host, tokenKey(token));

  /** The hold itself: inside one write nobody else can come between the count and the new row. */
  async function hold(db: Db, row: InviteRow, jid: string, claim: string, registers: 0 | 1): Promise<void> {
    await watch.using(db, row);
    const now = clock();
    if (row.max_uses !== null && row.uses + await countHeld(db, row.id, claim, now) >= row.max_uses) {
      throw new Problem("invite-spent", "Somebody is using this invite just now. Ask for a new one.");
    }
    const held_until = now + lease;
    await putRedemption(db, {
      invite_id: row.id,
      host: row.host,
      jid,
      claim,
      held_until,
      registers,
      created_at: now,
    });
  }

  const tellRevoked = (db: Db, rows: readonly InviteRow[], by: string) =>
    events.emit(db, rows.map((row) => revokedEvent(row, clock(), by)));

  return {
    reserve: ({ host, token, claim = "", username, exists, shownAt = Infinity }) =>
      database.write(async (db) => {
        const now = clock();
        if (token === undefined) {
          if (hosts.byDomain(host).settings["invites.registration_invite_only"]) throw inviteNeeded();
          return await requireUnreserved(db, host, username, now);
        }
        const row = await find(db, { host, token });
        requirePending(row, Math.min(now, Math.max(shownAt, now - longestStream)));
        if (row.type === "contact" && row.register === 0) {
          throw new Problem("invite-mismatch", "This invite is for adding a contact, not for a new account.");
        }
        const only = row.type === "reset" ? row.username : boundName(row);
        if (only !== null && only !== username) {
          throw new Problem("invite-mismatch", `This invite is for the username ${only}.`);
        }
        if (row.type === "reset") {
          if (!exists) {
            throw new Problem("invite-mismatch", "The account that this reset is for no longer exists.");
          }
        } else {
          if (exists) {
            throw new Problem("username-taken", "The requested username already exists.");
          }
          await requireUnreserved(db, host, username, now, { invite: row.id, claim });
        }
        await hold(db, row, bareJid(username, host), claim, row.type === "reset" ? 0 : 1);
      }),

    reserveContact: ({ host, token, claim, username, contact }) =>
      database.write(async (db) => {
        const row = await find(db, { host, token });
        requirePending(row, clock());
        if (row.type !== "contact" || row.username !== username) {
          throw new Problem("invite-mismatch", "This invite does not come from that contact.");
        }
        if (
          row.for_jid !== null && row.for_jid !== contact && row.for_jid !== parseBareJid(contact)?.domain
        ) {
          throw new Problem("invite-mismatch", "This invite is for somebody else.");
        }
        await hold(db, row, contact, claim, 0);
      }),

    async commit({ host, token, claim, jid }) {
      const telling = await database.write(async (db) => {
        const row = await find(db, { host, token });
        return row && await count(db, row, jid, claim);
      });
      groups.deliver(host);
      return telling;
    },

    release: ({ host, token, claim }) =>
      database.write(async (db) => {
        const row = await find(db, { host, token });
        if (row) await deleteHold(db, row.id, claim);
      }),

    removed: (host, token) =>
      database.write(async (db) => {
        const row = await find(db, { host, token });
        if (row?.state !== "pending") return;
        const ended_at = clock();
        const redeeming = row.max_uses === 1 && await countHeld(db, row.id, "", ended_at) > 0;
        const end = redeeming ? { state: "used", uses: 1 } as const : { state: "revoked" } as const;
        await updateInvite(db, row.id, { ...end, ended_at });
        if (!redeeming) await tellRevoked(db, [row], "prosody");
      }),

    purge: (host, username) =>
      inPieces(() =>
        database.write(async (db) => {
          const revoked = await revokeInvitesOf(db, host, username, clock(), atOnce);
          await tellRevoked(db, revoked, bareJid(username, host));
          return revoked.length === atOnce;
        })
      ),

    registered: (host, jid, claim) =>
      database.write((db) =>
        events.emit(db, { type: "account.registered", host, data: { jid }, once: claim })
      ),

    async sweep() {
      const now = clock();
      for (const ending of await listEndingHolds(database.db, now + lease / 4, 1_000)) {
        const { invite_id, claim, host, jid, registers, held_until } = ending;
        // Prosody may have made the account and died before saying so: then the use counts.
        const exists = registers === 1 && await prosody.userExists(host, jid.slice(0, -host.length - 1));
        const registered = exists === true;
        if (!registered && (held_until ?? 0) > now) continue;
        if (exists === undefined && (held_until ?? 0) > now - day) continue; // not linked: it will say when it is back
        const telling = await database.write(async (db) => {
          const row = await findInviteById(db, invite_id);
          if (row && registered) return await count(db, row, jid, claim);
          await deleteHold(db, invite_id, claim);
        });
        if (registered) groups.deliver(host);
        if (telling && await prosody.tell(host, telling.to, telling.text)) {
          await database.write((db) => markTold(db, invite_id, claim));
        }
      }
      await tellExpired({ database, events, clock });
      await inPieces(() => database.write((db) => deleteEndedBefore(db, now - retention, atOnce)));
      await inPieces(async () =>
        await database.write((db) => forgetIdempotent(db, now - day, atOnce)) === atOnce
      );
    },
  };
}
