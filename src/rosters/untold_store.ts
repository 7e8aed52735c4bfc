import type { Db } from "../store/database.ts";

/** A user whose roster was changed. */
export interface UntoldRow {
  /** Another one as soon as the roster is changed again. */
  readonly id: number;
  readonly username: string;
}

/** The last change of this host's rosters that is still in the queue; 0, if there is none. */
export async function lastPush(db: Db, host: string): Promise<number> {
  const { last } = await db.selectFrom("roster_push").select(({ fn }) => fn.max("id").as("last"))
    .where("host", "=", host).executeTakeFirstOrThrow();
  return last ?? 0;
}

/** Takes up the users of all changes after this one. */
export async function insertUntold(db: Db, host: string, after: number): Promise<void> {
  await db.insertInto("roster_untold").columns(["host", "username", "created_at"])
    .expression(
      db.selectFrom("roster_push").where("host", "=", host).where("id", ">", after).groupBy("username")
        .select(["host", "username"]).select(({ fn }) => fn.max("created_at").as("created_at")),
    ).execute();
}

/** The oldest first. */
export async function listUntold(db: Db, host: string, limit: number): Promise<UntoldRow[]> {
  return await db.selectFrom("roster_untold").select(["id", "username"]).where("host", "=", host)
    .orderBy("id").limit(limit).execute();
}

export async function deleteUntold(db: Db, ids: readonly number[]): Promise<void> {
  await db.deleteFrom("roster_untold").where("id", "in", ids).execute();
}

/** Hosts that have any. */
export async function listUntoldHosts(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("roster_untold").select("host").distinct().execute();
  return rows.map(({ host }) => host);
}

/** Deletes at most `limit` that were made before `time`; answers how many. */
export async function deleteUntoldBefore(db: Db, time: number, limit: number): Promise<number> {
  const old = db.selectFrom("roster_untold").select("id").where("created_at", "<", time).limit(limit);
  const result = await db.deleteFrom("roster_untold").where("id", "in", old).executeTakeFirst();
  return Number(result.numDeletedRows);
}
