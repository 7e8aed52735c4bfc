import { Problem } from "../core/problem.ts";
import { tokenKey } from "../core/token.ts";
import type { Db } from "../store/database.ts";
import { forgetIdempotent } from "./idempotency_store.ts";
import { bareJid, type Details, type InviteState, stateOf } from "./invite.ts";
import type { InviteNeeds } from "./invites.ts";
import { requireUnreserved } from "./reserved.ts";
import { countHeld, deleteHold, findRedemption, listEndingHolds, putRedemption } from "./redemption_store.ts";
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
   * Without a token it only asks whether the name is free.
   * @param exists whether there is an account of that name already
   * @throws Problem `invite-unknown`, `invite-spent`, `invite-paused`, `invite-mismatch`, `username-taken`, `username-reserved`
   */
  reserve(attempt: Partial<Attempt> & { host: string; username: string; exists: boolean }): Promise<void>;
  /** The same for a subscription by `contact` (a bare JID) that carries the token (XEP-0379). */
  reserveContact(attempt: Attempt & { username: string; contact: string }): Promise<void>;
  /** Counts a held use for good; again is no error. A hold that has ended meanwhile is counted all the same. */
  commit(attempt: Attempt & { jid: string }): Promise<void>;
  /** Gives a held use back; again, or after it was counted, is no error. */
  release(attempt: Attempt): Promise<void>;
  /**
   * Prosody's mod_invites has removed the token from its store: used if somebody was redeeming it, else revoked.
   */
  removed(host: string, token: string): Promise<void>;
  /** An account was deleted: what it invited to, and resets for it, are withdrawn. */
  purge(host: string, username: string): Promise<void>;
  /** Settles holds that are about to end, and deletes what ended longer ago than the retention time. */
  sweep(): Promise<void>;
}

const day = 86_400_000;

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
  { database, prosody, clock, groups, lease, retention }: InviteNeeds & {
    readonly lease: number;
    readonly retention: number;
  },
): Redemption {
  const find = (db: Db, { host, token }: { host: string; token: string }) =>
    findInvite(db, host, tokenKey(token));

  /** The hold itself: inside one write nobody else can come between the count and the new row. */
  async function hold(db: Db, row: InviteRow, jid: string, claim: string, registers: 0 | 1): Promise<void> {
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

  async function count(db: Db, row: InviteRow, jid: string, claim: string): Promise<void> {
    const known = await findRedemption(db, row.id, claim);
    if (known && known.held_until === null) return; // and a member of its groups since then
    const now = clock();
    const registers = known?.registers ?? 0;
    const done = {
      invite_id: row.id,
      host: row.host,
      jid,
      claim,
      held_until: null,
      registers,
      created_at: now,
    };
    await putRedemption(db, done);
    const { groups: ids = [] }: Details = JSON.parse(row.details);
    const [local = "", domain] = jid.split("@");
    if (domain === row.host && ids.length > 0) await groups.join(db, row.host, local, ids);
    if (row.max_uses !== null && row.uses >= row.max_uses) return; // mod_invites has told of this use already
    const uses = row.uses + 1;
    await updateInvite(db, row.id, {
      uses,
      ...(row.max_uses !== null && uses >= row.max_uses && { state: "used" }),
    });
  }

  return {
    reserve: ({ host, token, claim = "", username, exists }) =>
      database.write(async (db) => {
        const now = clock();
        if (token === undefined) return await requireUnreserved(db, host, username, now);
        const row = await find(db, { host, token });
        requirePending(row, now);
        if (row.type === "contact" && row.register === 0) {
          throw new Problem("invite-mismatch", "This invite is for adding a contact, not for a new account.");
        }
        if (row.type !== "contact" && row.username !== null && row.username !== username) {
          throw new Problem("invite-mismatch", `This invite is for the username ${row.username}.`);
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
        await hold(db, row, contact, claim, 0);
      }),

    async commit({ host, token, claim, jid }) {
      await database.write(async (db) => {
        const row = await find(db, { host, token });
        if (row) await count(db, row, jid, claim);
      });
      groups.deliver(host);
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
        const redeeming = row.max_uses === 1 && await countHeld(db, row.id, "", clock()) > 0;
        await updateInvite(db, row.id, redeeming ? { state: "used", uses: 1 } : { state: "revoked" });
      }),

    purge: (host, username) => database.write((db) => revokeInvitesOf(db, host, username)),

    async sweep() {
      const now = clock();
      for (const ending of await listEndingHolds(database.db, now + lease / 4, 1_000)) {
        const { invite_id, claim, host, jid, registers, held_until } = ending;
        // Prosody may have made the account and died before saying so: then the use counts.
        const exists = registers === 1 && await prosody.userExists(host, jid.slice(0, -host.length - 1));
        const registered = exists === true;
        if (!registered && (held_until ?? 0) > now) continue;
        if (exists === undefined && (held_until ?? 0) > now - day) continue; // not linked: it will say when it is back
        await database.write(async (db) => {
          const row = await findInviteById(db, invite_id);
          if (row && registered) await count(db, row, jid, claim);
          else await deleteHold(db, invite_id, claim);
        });
        if (registered) groups.deliver(host);
      }
      while (await database.write((db) => deleteEndedBefore(db, now - retention, 500)) === 500);
      while (await database.write((db) => forgetIdempotent(db, now - day, 500)) === 500);
    },
  };
}
