import type { Selectable } from "kysely";
import type { Db, Tables } from "../store/database.ts";

export type InviteRow = Selectable<Tables["invite"]>;
/** A row before the database has numbered it. */
export type NewInviteRow = Omit<InviteRow, "id">;

export async function insertInvite(db: Db, row: NewInviteRow): Promise<void> {
  await db.insertInto("invite").values(row).execute();
}

export function findInvite(db: Db, host: string, tokenHash: Uint8Array): Promise<InviteRow | undefined> {
  return db.selectFrom("invite").selectAll().where("token_hash", "=", tokenHash).where("host", "=", host)
    .executeTakeFirst();
}

export function findInviteById(db: Db, id: number): Promise<InviteRow | undefined> {
  return db.selectFrom("invite").selectAll().where("id", "=", id).executeTakeFirst();
}

export function findInviteInRange(
  db: Db,
  host: string,
  { from, to }: { from: Uint8Array; to: Uint8Array },
): Promise<InviteRow | undefined> {
  return db.selectFrom("invite").selectAll().where("token_hash", ">=", from).where("token_hash", "<=", to)
    .where("host", "=", host).executeTakeFirst();
}

/** The pending account invite that keeps this username for somebody, if there is one. */
export function findReservation(
  db: Db,
  host: string,
  username: string,
  now: number,
): Promise<{ id: number } | undefined> {
  return db.selectFrom("invite").select("id").where("host", "=", host).where("username", "=", username)
    .where("type", "=", "account").where("state", "=", "pending").where("expires_at", ">", now)
    .executeTakeFirst();
}

/** Newest first, the `window` rows before `before`. */
export function listInvites(db: Db, host: string, before: number, window: number): Promise<InviteRow[]> {
  return db.selectFrom("invite").selectAll().where("host", "=", host).where("id", "<", before)
    .orderBy("id", "desc").limit(window).execute();
}

export async function updateInvite(
  db: Db,
  id: number,
  change: Partial<Pick<InviteRow, "state" | "uses">>,
): Promise<void> {
  await db.updateTable("invite").set(change).where("id", "=", id).execute();
}

/** Deletes at most `limit` invites that ended before `time`; answers how many. */
export async function deleteEndedBefore(db: Db, time: number, limit: number): Promise<number> {
  const old = db.selectFrom("invite").select("id").where("expires_at", "<", time).limit(limit);
  const result = await db.deleteFrom("invite").where("id", "in", old).executeTakeFirst();
  return Number(result.numDeletedRows);
}
