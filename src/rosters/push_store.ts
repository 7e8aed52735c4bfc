import { sql } from "kysely";
import type { RosterPush } from "../prosody/prosody.ts";
import type { Db } from "../store/database.ts";
import type { RosterItem } from "./roster.ts";

/** Something that Prosody is to be told. */
export interface PushRow {
  readonly id: number;
  readonly username: string;
  readonly change: RosterPush;
}

/** @param before what the contacts were that it changes, for who has not heard of it */
export async function insertPush(
  db: Db,
  { change, before, ...row }: {
    host: string;
    username: string;
    change: RosterPush;
    before: Readonly<Record<string, RosterItem | null>>;
    created_at: number;
  },
): Promise<void> {
  await db.insertInto("roster_push").values({ ...row, change: JSON.stringify({ ...change, before }) })
    .execute();
}

/** What contacts of this user were before changes that Prosody may not have heard of. */
export async function findUnheard(
  db: Db,
  host: string,
  username: string,
): Promise<Map<string, RosterItem | undefined>> {
  const rows = await db.selectFrom("roster_push").select("change").where("host", "=", host)
    .where("username", "=", username).orderBy("id", "desc").execute();
  const unheard = new Map<string, RosterItem | undefined>();
  for (const { change } of rows) {
    for (const [jid, item] of Object.entries<RosterItem | null>(JSON.parse(change).before ?? {})) {
      unheard.set(jid, item ?? undefined);
    }
  }
  return unheard;
}

/** The oldest first. */
export async function listPushes(db: Db, host: string, limit: number): Promise<PushRow[]> {
  const rows = await db.selectFrom("roster_push").select(["id", "username"])
    .select(sql<string>`json_remove(change, '$.before')`.as("change")) // may be large, and is for ourselves
    .where("host", "=", host).orderBy("id").limit(limit).execute();
  return rows.map((row) => ({ ...row, change: JSON.parse(row.change) }));
}

/** The oldest of those before a time that hold nothing for contacts elsewhere. A text cannot look like that: its quotes are escaped. */
export async function listSilentPushes(
  db: Db,
  host: string,
  before: number,
  limit: number,
): Promise<number[]> {
  const rows = await db.selectFrom("roster_push").select("id").where("host", "=", host).where(
    "created_at",
    "<",
    before,
  )
    .where(sql<boolean>`instr(change, '"notices":[') = 0`).orderBy("id").limit(limit).execute();
  return rows.map(({ id }) => id);
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
