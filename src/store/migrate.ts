import type { DatabaseSync } from "node:sqlite";
import type { Kysely } from "kysely";
import { StoreError } from "./database.ts";
import * as m0001 from "./migrations/0001_first.ts";
import * as m0002 from "./migrations/0002_rosters.ts";
import * as m0003 from "./migrations/0003_untold.ts";
import * as m0004 from "./migrations/0004_data_versions.ts";
import * as m0005 from "./migrations/0005_invite_kinds.ts";
import * as m0006 from "./migrations/0006_groups.ts";
import * as m0007 from "./migrations/0007_webhooks.ts";
import * as m0008 from "./migrations/0008_people.ts";
import * as m0009 from "./migrations/0009_campaigns.ts";

/** In order, never changed once landed; the database keeps in `user_version` how many it has had. */
export const migrations: readonly { up(db: Kysely<unknown>): Promise<void> }[] = [
  m0001,
  m0002,
  m0003,
  m0004,
  m0005,
  m0006,
  m0007,
  m0008,
  m0009,
];

/**
 * Runs what is missing, all of it or nothing. Two processes that start together are kept apart by SQLite's lock.
 * @throws StoreError if the file has had more migrations than this program knows
 */
export async function migrate<T>(
  sqlite: DatabaseSync,
  path: string,
  connect: (sqlite: DatabaseSync) => Kysely<T>,
  patiently: <R>(work: () => R) => Promise<R>,
  list = migrations,
): Promise<void> {
  const version = () => Number(sqlite.prepare("pragma user_version").get()?.user_version);
  if (await patiently(version) === list.length) return;
  await patiently(() => sqlite.exec("begin immediate"));
  try {
    const had = version();
    if (had > list.length) {
      throw new StoreError(
        `${path} was written by a newer Couplet (schema ${had}, this program knows ${list.length}). ` +
          "Start the newer program, or restore a backup from before it.",
      );
    }
    const db = connect(sqlite) as unknown as Kysely<unknown>;
    for (const migration of list.slice(had)) await migration.up(db);
    sqlite.exec(`pragma user_version = ${list.length}`);
    sqlite.exec("commit");
  } catch (error) {
    sqlite.exec("rollback");
    throw error;
  }
}
