import type { RosterPush } from "../prosody/prosody.ts";
import type { Db } from "../store/database.ts";

/** Something that Prosody is to be told. */
export interface PushRow {
  readonly id: number;
  readonly username: string;
  readonly change: RosterPush;
}

export async function insertPush(
  db: Db,
  row: { host: string; username: string; change: RosterPush; created_at: number },
): Promise<void> {
  await db.insertInto("roster_push").values({ ...row, change: JSON.stringify(row.change) }).execute();
}

/** The oldest first. */
export async function listPushes(db: Db, host: string, limit: number): Promise<PushRow[]> {
  const rows = await db.selectFrom("roster_push").select(["id", "username", "change"]).where(
    "host",
    "=",
    host,
  )
    .orderBy("id").limit(limit).execute();
  return rows.map(({ id, username, change }) => ({ id, username, change: JSON.parse(change) }));
}

export async function deletePushes(db: Db, ids: readonly number[]): Promise<void> {
  await db.deleteFrom("roster_push").where("id", "in", ids).execute();
}

/** Hosts that something waits for. */
export async function listPushHosts(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("roster_push").select("host").distinct().execute();
  return rows.map(({ host }) => host);
}

/** Deletes at most `limit` that were made before `time`; answers how many. */
export async function deletePushesBefore(db: Db, time: number, limit: number): Promise<number> {
  const old = db.selectFrom("roster_push").select("id").where("created_at", "<", time).limit(limit);
  const result = await db.deleteFrom("roster_push").where("id", "in", old).executeTakeFirst();
  return Number(result.numDeletedRows);
}
