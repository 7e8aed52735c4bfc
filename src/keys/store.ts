import type { Db, Tables } from "../store/database.ts";
import { prepared } from "../store/prepared.ts";

export type KeyRow = Tables["api_key"];

export async function insertKey(db: Db, row: KeyRow): Promise<void> {
  await db.insertInto("api_key").values(row).execute();
}

const selectKey = prepared<{ host: string; id: string }, KeyRow>((db, hole) =>
  db.selectFrom("api_key").selectAll().where("id", "=", hole("id")).where("host", "=", hole("host"))
);

export async function findKey(db: Db, host: string, id: string): Promise<KeyRow | undefined> {
  return (await selectKey(db, { host, id })).rows[0];
}

/** Whichever host has it: no two have the same ID. */
export function findKeyAnywhere(db: Db, id: string): Promise<KeyRow | undefined> {
  return db.selectFrom("api_key").selectAll().where("id", "=", id).executeTakeFirst();
}

export function listKeys(db: Db, host: string): Promise<KeyRow[]> {
  return db.selectFrom("api_key").selectAll().where("host", "=", host).orderBy("created_at").orderBy("id")
    .execute();
}

/** Whether there was one to delete. */
export async function deleteKey(db: Db, host: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom("api_key").where("id", "=", id).where("host", "=", host)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Whether there was one to change. */
export async function updateKey(
  db: Db,
  host: string,
  id: string,
  change: Partial<Omit<KeyRow, "id" | "host">>,
): Promise<boolean> {
  const result = await db.updateTable("api_key").set(change).where("id", "=", id).where("host", "=", host)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
