import { type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

export type GroupRow = Selectable<Tables["user_group"]>;
export type MemberRow = Selectable<Tables["user_group_member"]>;
export type CountedGroup = GroupRow & { readonly members: number };

const counted = (db: Db) =>
  db.selectFrom("user_group").selectAll("user_group").select((e) =>
    e.selectFrom("user_group_member").select((m) => m.fn.countAll<number>().as("n"))
      .whereRef("group_key", "=", "user_group.key").$asScalar().$notNull().as("members")
  );

/** By what it is called; one that has ended is not found. */
export function findGroup(db: Db, host: string, id: string): Promise<CountedGroup | undefined> {
  return counted(db).where("host", "=", host).where("id", "=", id).where("ended", "=", 0).executeTakeFirst();
}

/** By key, whatever has become of it. */
export function findGroupByKey(db: Db, host: string, key: number): Promise<GroupRow | undefined> {
  return db.selectFrom("user_group").selectAll().where("host", "=", host).where("key", "=", key)
    .executeTakeFirst();
}

/** Those of these ids that there are. */
export function findGroups(db: Db, host: string, ids: readonly string[]): Promise<CountedGroup[]> {
  return counted(db).where("host", "=", host).where("id", "in", ids).where("ended", "=", 0).execute();
}

/** In the order of their ids, after one. */
export function listGroups(db: Db, host: string, after: string, limit: number): Promise<CountedGroup[]> {
  return counted(db).where("host", "=", host).where("id", ">", after).where("ended", "=", 0).orderBy("id")
    .limit(limit).execute();
}

/** Those that somebody is a member of. */
export function listGroupsOf(db: Db, host: string, username: string): Promise<CountedGroup[]> {
  return counted(db).where("host", "=", host).where("ended", "=", 0).where(
    "key",
    "in",
    db.selectFrom("user_group_member").select("group_key").where("host", "=", host)
      .where("username", "=", username),
  ).orderBy("id").execute();
}

export async function countGroups(db: Db, host: string): Promise<number> {
  const { n } = await db.selectFrom("user_group").select((e) => e.fn.countAll<number>().as("n"))
    .where("host", "=", host).executeTakeFirstOrThrow();
  return n;
}

/** @returns the new group's key */
export async function insertGroup(
  db: Db,
  row: Pick<GroupRow, "host" | "id" | "name" | "created_at">,
): Promise<number> {
  const { key } = await db.insertInto("user_group").values(row).returning("key").executeTakeFirstOrThrow();
  return key;
}

/** Something about these groups is another now. */
export async function touchGroups(
  db: Db,
  keys: readonly number[],
  change: Partial<Pick<GroupRow, "name" | "id" | "ended">> = {},
): Promise<void> {
  await db.updateTable("user_group").set((e) => ({ ...change, version: e("version", "+", 1) }))
    .where("key", "in", keys).execute();
}

/** All members' rosters are to be looked at again. */
export async function unsettle(db: Db, key: number): Promise<void> {
  await db.updateTable("user_group_member").set({ settled: 0 }).where("group_key", "=", key).execute();
}

/** This member's roster is what the group says. */
export async function settle(
  db: Db,
  { group_key, username }: Pick<MemberRow, "group_key" | "username">,
  label: string | null,
): Promise<void> {
  await db.updateTable("user_group_member").set({ label, settled: 1 }).where("group_key", "=", group_key)
    .where("username", "=", username).execute();
}

/** Members whose rosters are still to be made what their group says. */
export function listUnsettled(
  db: Db,
  host: string,
  limit: number,
): Promise<Pick<MemberRow, "group_key" | "username">[]> {
  return db.selectFrom("user_group_member").select(["group_key", "username"]).where("host", "=", host)
    .where("settled", "=", sql.lit(0)).limit(limit).execute();
}

/** Groups of this host that have ended and are out of all rosters. */
export async function deleteEnded(db: Db, host: string): Promise<void> {
  await db.deleteFrom("user_group").where("host", "=", host).where("ended", "=", sql.lit(1)).where(
    "key",
    "not in",
    db.selectFrom("user_group_member").select("group_key").where("host", "=", host)
      .where("settled", "=", sql.lit(0)),
  ).execute();
}

/** Hosts where something is left to be done. */
export async function listUnsettledHosts(db: Db): Promise<string[]> {
  const members = db.selectFrom("user_group_member").select("host").where("settled", "=", sql.lit(0));
  const rows = await members.union(db.selectFrom("user_group").select("host").where("ended", "=", sql.lit(1)))
    .execute();
  return rows.map(({ host }) => host);
}

export function findMember(db: Db, key: number, username: string): Promise<MemberRow | undefined> {
  return db.selectFrom("user_group_member").selectAll().where("group_key", "=", key)
    .where("username", "=", username).executeTakeFirst();
}

/** In the order of their names, after one. */
export function listMembers(
  db: Db,
  keys: readonly number[],
  { after = "", limit = -1 }: { after?: string | undefined; limit?: number } = {},
): Promise<MemberRow[]> {
  return db.selectFrom("user_group_member").selectAll().where("group_key", "in", keys)
    .where("username", ">", after).orderBy("group_key").orderBy("username").limit(limit).execute();
}

/** The members of groups by what these are called, in order. */
export function listUsernames(
  db: Db,
  host: string,
  ids: readonly string[],
): Promise<{ id: string; username: string }[]> {
  return db.selectFrom("user_group_member as m").innerJoin("user_group as g", "g.key", "m.group_key")
    .select(["g.id", "m.username"]).where("g.host", "=", host).where("g.id", "in", ids)
    .orderBy("m.group_key").orderBy("m.username").execute();
}

/** Those who are members already stay as they are. @returns who was not */
export async function insertMembers(
  db: Db,
  members: readonly Omit<MemberRow, "settled">[],
  settled: 0 | 1,
): Promise<string[]> {
  const values = JSON.stringify(members.map((one) => [
    ...[one.group_key, one.host, one.username, one.joined_at, one.label],
  ]));
  const { rows } = await sql<{ username: string }>`insert into user_group_member
      (group_key, host, username, joined_at, label, settled)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ${settled}
    from json_each(${values}) where true on conflict do nothing returning username`.execute(db);
  return rows.map(({ username }) => username);
}

export async function deleteMember(db: Db, key: number, username: string): Promise<void> {
  await db.deleteFrom("user_group_member").where("group_key", "=", key).where("username", "=", username)
    .execute();
}

/** What else two people share, seen from both. */
export interface Shared {
  readonly contact: string;
  /** The roster group in the user's own roster, and in the contact's. */
  readonly own: string | null;
  readonly theirs: string | null;
}

/** What this user shares with members of one group by way of other groups. */
export function listShared(db: Db, host: string, username: string, key: number): Promise<Shared[]> {
  return db.selectFrom("user_group_member as own").innerJoin("user_group as g", "g.key", "own.group_key")
    .innerJoin("user_group_member as theirs", "theirs.group_key", "own.group_key")
    .select(["theirs.username as contact", "own.label as own", "theirs.label as theirs"])
    .where("own.host", "=", host).where("own.username", "=", username).where("own.group_key", "!=", key)
    .where("g.ended", "=", 0).where("theirs.username", "!=", username)
    .where(
      "theirs.username",
      "in",
      db.selectFrom("user_group_member").select("username").where("group_key", "=", key),
    ).execute();
}
