import { type Insertable, type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

export type JoinRow = Selectable<Tables["join_request"]>;

/** Adds a request, unless `most` are waiting on its host; answers whether it did. */
export async function insertJoinRequest(
  db: Db,
  row: Insertable<Tables["join_request"]>,
  most: number,
): Promise<boolean> {
  const waiting = db.selectFrom("join_request").select("id").where("host", "=", row.host)
    .where("state", "=", "waiting").limit(most);
  const { count } = await db.selectFrom(waiting.as("waiting")).select((e) =>
    e.fn.countAll<number>().as("count")
  )
    .executeTakeFirstOrThrow();
  if (count >= most) return false;
  await db.insertInto("join_request").values(row).execute();
  return true;
}

export function findJoinRequest(db: Db, host: string, tokenKey: string): Promise<JoinRow | undefined> {
  return db.selectFrom("join_request").selectAll().where("token_key", "=", tokenKey).where("host", "=", host)
    .executeTakeFirst();
}

/** By id, which is where the key begins; the sign is for the planner, as in invites/store.ts. */
export function findJoinRequestByPrefix(db: Db, host: string, prefix: string): Promise<JoinRow | undefined> {
  return db.selectFrom("join_request").selectAll().where("token_key", ">=", prefix)
    .where("token_key", "<", prefix + "~").where(sql<string>`+host`, "=", host).executeTakeFirst();
}

/** Newest first, those before `before`. */
export function listJoinRequests(
  db: Db,
  host: string,
  { state, before, limit }: { state: JoinRow["state"] | undefined; before: number; limit: number },
): Promise<JoinRow[]> {
  return db.selectFrom("join_request").selectAll().where("host", "=", host).where("id", "<", before)
    .$if(state !== undefined, (query) => query.where("state", "=", state!))
    .orderBy("id", "desc").limit(limit).execute();
}

/** What was decided; `invite` is its token's key. Answers whether there was still something to decide. */
export async function decideJoinRequest(
  db: Db,
  id: number,
  { invite, ...decision }:
    & Pick<JoinRow, "state" | "reason" | "decided_by" | "decided_at">
    & { readonly invite?: string },
): Promise<boolean> {
  const made = db.selectFrom("invite").select("invite.id").where("token_key", "=", invite ?? "");
  const result = await db.updateTable("join_request").set({ ...decision, invite_id: made })
    .where("id", "=", id).where("state", "=", "waiting").executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The invite that a request was answered with. */
export function findInviteOf(db: Db, { host, invite_id }: JoinRow) {
  return db.selectFrom("invite").selectAll().where("id", "=", invite_id).where("host", "=", host)
    .executeTakeFirst();
}

export async function deleteJoinRequest(db: Db, id: number): Promise<void> {
  await db.deleteFrom("join_request").where("id", "=", id).execute();
}

/** Deletes at most `limit` requests that nothing has happened to since `time`; answers how many. */
export async function forgetJoinRequests(db: Db, time: number, limit: number): Promise<number> {
  const old = db.selectFrom("join_request").select("id")
    .where(sql<number>`coalesce(decided_at, created_at)`, "<", time).limit(limit);
  const result = await db.deleteFrom("join_request").where("id", "in", old).executeTakeFirst();
  return Number(result.numDeletedRows);
}
