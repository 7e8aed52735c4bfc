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

/**
 * Of the `limit` of this host after `after`, the oldest first: those from before a time that hold nothing for contacts
 * elsewhere, and the last if there may be more. A text cannot look like notices: its quotes are escaped.
 */
export async function listSilentPushes(
  db: Db,
  host: string,
  { after, before, limit }: { after: number; before: number; limit: number },
): Promise<{ silent: number[]; next?: number }> {
  const rows = await db.selectFrom("roster_push").select(["id", "created_at"])
    .select(sql<number>`instr(change, '"notices":[') = 0`.as("isSilent"))
    .where("host", "=", host).where("id", ">", after).orderBy("id").limit(limit).execute();
  const old = rows.filter(({ created_at }) => created_at < before); // ids grow with time
  const last = old.length === limit ? old.at(-1) : undefined;
  return {
    silent: old.filter(({ isSilent }) => isSilent).map(({ id }) => id),
    ...(last && { next: last.id }),
  };
}

export async function deletePushes(db: Db, ids: readonly number[]): Promise<void> {
  await db.deleteFrom("roster_push").where("id", "in", ids).execute();
}

/** Hosts that something waits for. */
export async function listPushHosts(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("roster_push").select("host").distinct().execute();
  return rows.map(({ host }) => host);
}

/** Of the `limit` oldest, deletes those that were made before `time`; answers how many. Ids grow with time. */
export async function deletePushesBefore(db: Db, time: number, limit: number): Promise<number> {
  const rows = await db.selectFrom("roster_push").select(["id", "created_at"]).orderBy("id").limit(limit)
    .execute();
  const old = rows.filter(({ created_at }) => created_at < time).map(({ id }) => id);
  if (old.length > 0) await deletePushes(db, old);
  return old.length;
}
