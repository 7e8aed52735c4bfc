import { type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";
import { prepared } from "../store/prepared.ts";

export type PersonRow = Selectable<Tables["person"]>;

export function findPerson(db: Db, host: string, username: string): Promise<PersonRow | undefined> {
  return db.selectFrom("person").selectAll().where("host", "=", host).where("username", "=", username)
    .executeTakeFirst();
}

export function findPersonById(db: Db, host: string, id: number): Promise<PersonRow | undefined> {
  return db.selectFrom("person").selectAll().where("host", "=", host).where("id", "=", id).executeTakeFirst();
}

/** The one of this name; made, if nobody has heard of them yet. */
export async function putPerson(db: Db, host: string, username: string, now: number): Promise<PersonRow> {
  return await findPerson(db, host, username) ??
    await db.insertInto("person").values({ host, username, created_at: now }).returningAll()
      .executeTakeFirstOrThrow();
}

/** Somebody new, whose name nobody has. */
export async function insertPerson(
  db: Db,
  row: Pick<PersonRow, "host" | "parent_id" | "source" | "invite" | "created_at"> & { username: string },
): Promise<void> {
  await db.insertInto("person").values(row).execute();
}

export async function updatePerson(
  db: Db,
  host: string,
  id: number,
  change: Partial<Omit<PersonRow, "id" | "host">>,
): Promise<void> {
  await db.updateTable("person").set(change).where("host", "=", host).where("id", "=", id).execute();
}

/** Who is frozen when this is: somebody above, or they themselves; nothing where nobody of the host is. */
const selectFrozen = prepared<{ host: string; username: string }, { id: number; username: string | null }>((
  db,
  hole,
) =>
  db.withRecursive(
    "up(id, username, parent_id, frozen_at)",
    (with_) =>
      with_.selectFrom("person").select(["id", "username", "parent_id", "frozen_at"])
        .where("host", "=", hole("host")).where("username", "=", hole("username"))
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom("person as f").select("f.id").where("f.host", "=", hole("host"))
              .where("f.frozen_at", "is not", null),
          )
        )
        .unionAll(
          with_.selectFrom("up").innerJoin("person as p", "p.id", "up.parent_id")
            .select(["p.id", "p.username", "p.parent_id", "p.frozen_at"])
            .where("up.frozen_at", "is", null).where("p.host", "=", hole("host")),
        ),
  ).selectFrom("up").select(["id", "username"]).where("frozen_at", "is not", null).limit(1)
);

export async function findFrozen(
  db: Db,
  host: string,
  username: string,
): Promise<{ id: number; username: string | null } | undefined> {
  return (await selectFrozen(db, { host, username })).rows[0];
}

export async function isAnyFrozen(db: Db, host: string): Promise<boolean> {
  const row = await db.selectFrom("person").select("id").where("host", "=", host)
    .where("frozen_at", "is not", null).executeTakeFirst();
  return row !== undefined;
}

/** Freezes those whom this person has invited, each for themselves. */
export async function freezeChildren(
  db: Db,
  host: string,
  id: number,
  { frozen_at, frozen_by }: Pick<PersonRow, "frozen_at" | "frozen_by">,
): Promise<void> {
  await db.updateTable("person").set({ frozen_at, frozen_by }).where("host", "=", host)
    .where("parent_id", "=", id).where("frozen_at", "is", null).execute();
}

/** When the `nth` newest of those that this person has invited joined; the newest is the 0th. */
export async function findNthJoined(
  db: Db,
  host: string,
  id: number,
  nth: number,
): Promise<number | undefined> {
  const row = await db.selectFrom("person").select("created_at").where("host", "=", host)
    .where("parent_id", "=", id).orderBy("id", "desc").limit(1).offset(nth).executeTakeFirst();
  return row?.created_at;
}

/** The same of the uses of one invite. */
export async function findNthUsed(
  db: Db,
  host: string,
  invite: number,
  nth: number,
): Promise<number | undefined> {
  const row = await db.selectFrom("redemption").select("created_at").where("invite_id", "=", invite)
    .where("held_until", "is", null).where("host", "=", host).orderBy("id", "desc").limit(1).offset(nth)
    .executeTakeFirst();
  return row?.created_at;
}

/** Those whom these have invited. */
export async function listChildren(
  db: Db,
  host: string,
  ids: readonly number[],
): Promise<Pick<PersonRow, "id" | "username">[]> {
  const { rows } = await sql<Pick<PersonRow, "id" | "username">>`
    select p.id, p.username from json_each(${JSON.stringify(ids)}) as up
      cross join person as p on p.parent_id = up.value and p.host = ${host}`.execute(db);
  return rows;
}

/** Those whom this person has invited, in order. */
export function listInvited(
  db: Db,
  host: string,
  id: number,
  limit: number,
): Promise<Pick<PersonRow, "username" | "invite" | "created_at">[]> {
  return db.selectFrom("person").select(["username", "invite", "created_at"]).where("host", "=", host)
    .where("parent_id", "=", id).orderBy("id").limit(limit).execute();
}

const isLinked = sql<boolean>`(parent_id is not null or source is not null)`;

/**
 * Forgets who has invited those who joined before `time`, `limit` of them, the first first; answers how many.
 * Who stands in a frozen branch is frozen by that.
 */
export async function unlinkBefore(
  db: Db,
  host: string,
  time: number,
  limit: number,
  now: number,
): Promise<number> {
  const rows = await db.selectFrom("person").select("id").where("host", "=", host).where(isLinked)
    .where("created_at", "<", time).orderBy("created_at").limit(limit).execute();
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  if (await isAnyFrozen(db, host)) {
    const held = await db.withRecursive(
      "up(start, parent_id, frozen_at)",
      (with_) =>
        with_.selectFrom("person").select(["id as start", "parent_id", "frozen_at"]).where("id", "in", ids)
          .where("host", "=", host)
          .unionAll(
            with_.selectFrom("up").innerJoin("person as p", "p.id", "up.parent_id")
              .select(["up.start", "p.parent_id", "p.frozen_at"]).where("up.frozen_at", "is", null)
              .where("p.host", "=", host),
          ),
    ).selectFrom("up").select("start").distinct().where("frozen_at", "is not", null).execute();
    await db.updateTable("person").set({ frozen_at: now, frozen_by: "people.retention" })
      .where("host", "=", host).where("id", "in", held.map(({ start }) => start))
      .where("frozen_at", "is", null).execute();
  }
  await db.updateTable("person").set({ parent_id: null, source: null, invite: null })
    .where("host", "=", host).where("id", "in", ids).execute();
  return rows.length;
}

/** Of the `limit` people after `after` whom nobody of the host has invited, those of whom nothing is known any more. */
export async function listIdle(
  db: Db,
  host: string,
  after: number,
  limit: number,
): Promise<{ idle: number[]; next?: number }> {
  const rows = await db.selectFrom("person").select(["id", "frozen_at", "source"])
    .select(({ selectFrom, exists }) =>
      exists(selectFrom("person as c").select("c.id").whereRef("c.parent_id", "=", "person.id")).as("needed")
    )
    .where("host", "=", host).where("parent_id", "is", null).where("id", ">", after).orderBy("id")
    .limit(limit).execute();
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    idle: rows.filter((row) => row.frozen_at === null && row.source === null && !Number(row.needed)).map((
      { id },
    ) => id),
    ...(last && { next: last.id }),
  };
}

/** Deletes them, as far as nobody has been invited by them meanwhile. */
export async function deleteIdle(db: Db, host: string, ids: readonly number[]): Promise<void> {
  await db.deleteFrom("person").where("host", "=", host).where("id", "in", ids).where("frozen_at", "is", null)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("person as c").select("c.id").whereRef("c.parent_id", "=", "person.id")))
    ).execute();
}

/** How many somebody has invited. */
export async function countInvited(db: Db, host: string, id: number): Promise<number> {
  const { count } = await db.selectFrom("person").select((e) => e.fn.countAll<number>().as("count"))
    .where("host", "=", host).where("parent_id", "=", id).executeTakeFirstOrThrow();
  return count;
}
