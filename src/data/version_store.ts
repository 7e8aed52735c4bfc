import type { Db } from "../store/database.ts";
import type { Place } from "./rights.ts";

/** What was replaced. */
export interface VersionRow {
  readonly id: number;
  /** The text that was there, sealed; null: there was nothing. */
  readonly sealed: string | null;
  /** Of the text, characters. */
  readonly size: number;
  /** Who replaced it. */
  readonly source: string;
  readonly created_at: number;
}

const of = (db: Db, host: string, { user, store }: Place) =>
  db.selectFrom("data_version").where("host", "=", host).where("username", "=", user)
    .where("store", "=", store);

/** Keeps one more beside the `most` newest of this place. Answers its id. */
export async function insertVersion(
  db: Db,
  host: string,
  place: Place,
  row: Omit<VersionRow, "id">,
  most: number,
): Promise<number> {
  // Before, and not after: if this one is dropped again, the others are still there.
  const old = of(db, host, place).select("id").orderBy("id", "desc").limit(1_000).offset(most);
  await db.deleteFrom("data_version").where("id", "in", old).execute();
  const { id } = await db.insertInto("data_version")
    .values({ host, username: place.user, store: place.store, ...row })
    .returning("id").executeTakeFirstOrThrow();
  return id;
}

export async function deleteVersion(db: Db, id: number): Promise<void> {
  await db.deleteFrom("data_version").where("id", "=", id).execute();
}

/** The newest first, `most` of them. */
export async function listVersions(db: Db, host: string, place: Place, most: number): Promise<VersionRow[]> {
  return await of(db, host, place).select(["id", "sealed", "size", "source", "created_at"])
    .orderBy("id", "desc").limit(most).execute();
}

/** All of an account that is gone. */
export async function deleteVersionsOf(db: Db, host: string, user: string): Promise<void> {
  await db.deleteFrom("data_version").where("host", "=", host).where("username", "=", user).execute();
}

/** Deletes at most `limit` that were made before `time`; answers how many. */
export async function deleteVersionsBefore(db: Db, time: number, limit: number): Promise<number> {
  const old = db.selectFrom("data_version").select("id").where("created_at", "<", time).limit(limit);
  const result = await db.deleteFrom("data_version").where("id", "in", old).executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** How many there are of a user, by store. */
export async function countVersionsOf(
  db: Db,
  host: string,
  user: string,
): Promise<{ store: string; count: number }[]> {
  return await db.selectFrom("data_version").select("store")
    .select((e) => e.fn.countAll<number>().as("count")).where("host", "=", host)
    .where("username", "=", user).groupBy("store").execute();
}
