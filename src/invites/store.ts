import { type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";
import { prepared } from "../store/prepared.ts";

export type InviteRow = Selectable<Tables["invite"]>;
/** A row before the database has numbered it, and of whatever campaign. */
export type NewInviteRow = Omit<InviteRow, "id" | "ended_at" | "campaign_id">;

const insert = prepared<NewInviteRow, never>((db, hole) =>
  db.insertInto("invite").values({
    host: hole("host"),
    token_key: hole("token_key"),
    token_sealed: hole("token_sealed"),
    type: hole("type"),
    username: hole("username"),
    register: hole("register"),
    state: hole("state"),
    uses: hole("uses"),
    max_uses: hole("max_uses"),
    source: hole("source"),
    details: hole("details"),
    created_at: hole("created_at"),
    expires_at: hole("expires_at"),
    paused: hole("paused"),
    for_jid: hole("for_jid"),
  }) as never
);

export async function insertInvite(db: Db, row: NewInviteRow): Promise<void> {
  await insert(db, row);
}

const selectInvite = prepared<{ host: string; key: string }, InviteRow>((db, hole) =>
  db.selectFrom("invite").selectAll().where("token_key", "=", hole("key")).where("host", "=", hole("host"))
);

export async function findInvite(db: Db, host: string, tokenKey: string): Promise<InviteRow | undefined> {
  return (await selectInvite(db, { host, key: tokenKey })).rows[0];
}

export function findInviteById(db: Db, id: number): Promise<InviteRow | undefined> {
  return db.selectFrom("invite").selectAll().where("id", "=", id).executeTakeFirst();
}

/** By id, which is where the token's key begins. */
export function findInviteByPrefix(db: Db, host: string, prefix: string): Promise<InviteRow | undefined> {
  // The sign keeps SQLite from going through all of the host's: it takes an equality for better than a range.
  return db.selectFrom("invite").selectAll().where("token_key", ">=", prefix)
    .where("token_key", "<", prefix + "~").where(sql<string>`+host`, "=", host).executeTakeFirst();
}

/** The pending invite that keeps this username for a new account, if there is one. */
export function findReservation(
  db: Db,
  host: string,
  username: string,
  now: number,
): Promise<{ id: number } | undefined> {
  const pending = db.selectFrom("invite").select("id").where("host", "=", host).where("state", "=", "pending")
    .where("expires_at", ">", now);
  return pending.where("username", "=", username).where("type", "=", "account")
    .unionAll(pending.where("for_jid", "=", `${username}@${host}`).where("register", "=", 1))
    .executeTakeFirst();
}

/** Newest first, the `window` rows before `before`. */
export function listInvites(db: Db, host: string, before: number, window: number): Promise<InviteRow[]> {
  return db.selectFrom("invite").selectAll().where("host", "=", host).where("id", "<", before)
    .orderBy("id", "desc").limit(window).execute();
}

/** What may change of an invite while it is pending. */
export type InviteChange = Partial<
  Pick<InviteRow, "uses" | "paused" | "max_uses" | "expires_at" | "details">
>;
/** One that is used up or withdrawn says when: from then on its retention counts. */
export type InviteEnd = { readonly state: "used" | "revoked"; readonly ended_at: number };

export async function updateInvite(
  db: Db,
  id: number,
  change: InviteChange & Partial<InviteEnd>,
): Promise<void> {
  await db.updateTable("invite").set(change).where("id", "=", id).execute();
}

/** Withdraws `limit` of what a user invites to, and password resets for the user; a name kept for somebody stays kept. */
export async function revokeInvitesOf(
  db: Db,
  host: string,
  username: string,
  now: number,
  limit: number,
): Promise<InviteRow[]> {
  const some = db.selectFrom("invite").select("id").where("host", "=", host).where("username", "=", username)
    .where("type", "in", ["contact", "reset"]).where("state", "=", "pending").limit(limit);
  return await db.updateTable("invite").set({ state: "revoked", ended_at: now }).where("id", "in", some)
    .returningAll().execute();
}

/** Deletes at most `limit` invites that expired before `time`, and as many that ended; whether there may be more. */
export async function deleteEndedBefore(db: Db, time: number, limit: number): Promise<boolean> {
  const counts = [];
  for (const column of ["expires_at", "ended_at"] as const) { // each by an index of its own
    const old = db.selectFrom("invite").select("id").where(column, "<", time).limit(limit);
    const { numDeletedRows } = await db.deleteFrom("invite").where("id", "in", old).executeTakeFirst();
    counts.push(Number(numDeletedRows));
  }
  return Math.max(...counts) === limit;
}
