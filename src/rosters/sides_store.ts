import { sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

type ItemRow = Omit<Tables["roster_item"], "roster_id">;

/** A contact of a roster's owner as it is kept. */
export type SideRow = { readonly [K in keyof ItemRow]: ItemRow[K] | null } & {
  /** null: there is no roster */
  readonly roster: number | null;
  readonly version: number | null;
  readonly pending: string | null;
};

/** One contact of each of many rosters, in the order of `sides`: one statement. */
export async function findSides(
  db: Db,
  host: string,
  sides: readonly (readonly [owner: string, jid: string])[],
): Promise<SideRow[]> {
  const { rows } = await sql<SideRow>`select r.id as roster, r.version, r.pending,
      i.jid, i.name, i.subscription, i.ask, i.approved, i.groups, i.given
    from json_each(${JSON.stringify(sides)}) as s
    left join roster as r on r.host = ${host} and r.username = s.value ->> 0
    left join roster_item as i on i.roster_id = r.id and i.jid = s.value ->> 1
    order by s.key`.execute(db);
  return rows;
}

/** @returns the new rosters' ids */
export async function insertRosters(
  db: Db,
  host: string,
  usernames: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: number; username: string }>`insert into roster (host, username)
    select ${host}, value from json_each(${JSON.stringify(usernames)}) returning id, username`.execute(db);
  return new Map(rows.map(({ id, username }) => [username, id]));
}

/** @param heads `pending` is null where it stays as it is */
export async function updateHeads(
  db: Db,
  heads: readonly { id: number; version: number; pending: string | null }[],
): Promise<void> {
  const values = JSON.stringify(heads.map(({ id, version, pending }) => [id, version, pending]));
  await sql`update roster set version = v.value ->> 1, pending = ifnull(v.value ->> 2, pending), etag = null
    from json_each(${values}) as v where roster.id = v.value ->> 0`.execute(db);
}

/** @param pushes usernames, and what Prosody is to be told of them, as JSON */
export async function insertPushes(
  db: Db,
  host: string,
  now: number,
  pushes: readonly (readonly [username: string, change: string])[],
): Promise<void> {
  await sql`insert into roster_push (host, username, change, created_at)
    select ${host}, value ->> 0, value ->> 1, ${now} from json_each(${JSON.stringify(pushes)}) order by key`
    .execute(db);
}

/** Puts contacts in and replaces them, with what they were before a group made more of them. */
export async function putSides(db: Db, rows: readonly (readonly unknown[])[]): Promise<void> {
  await sql`insert into roster_item (roster_id, jid, name, subscription, ask, approved, groups, given)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
    from json_each(${JSON.stringify(rows)}) where true
    on conflict (roster_id, jid) do update set name = excluded.name, subscription = excluded.subscription,
      ask = excluded.ask, approved = excluded.approved, groups = excluded.groups, given = excluded.given`
    .execute(db);
}

export async function deleteSides(
  db: Db,
  rows: readonly (readonly [roster: number, jid: string])[],
): Promise<void> {
  await sql`delete from roster_item where (roster_id, jid) in
    (select value ->> 0, value ->> 1 from json_each(${JSON.stringify(rows)}))`.execute(db);
}

/** Of these users, those who have as many contacts or more. */
export async function findFull(
  db: Db,
  host: string,
  usernames: readonly string[],
  most: number,
): Promise<string[]> {
  const { rows } = await sql<{ username: string }>`select username from roster where host = ${host}
    and username in (select value from json_each(${JSON.stringify(usernames)}))
    and (select count(*) from roster_item where roster_id = roster.id) >= ${most}`.execute(db);
  return rows.map(({ username }) => username);
}
