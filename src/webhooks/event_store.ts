import { type CompiledQuery, type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";
import { prepared } from "../store/prepared.ts";

export type EventRow = Selectable<Tables["webhook_event"]>;
/** A row before the database has numbered it. */
export type NewEventRow = Omit<EventRow, "id">;

const columns = ["uid", "host", "type", "subject", "data", "created_at"] as const;
const into = sql`insert into webhook_event (uid, host, type, subject, data, created_at)`;
// One that is known by its uid is the same; one about the same that nobody has been told of takes up what is new.
const onConflict = sql`on conflict (uid) do nothing
  on conflict (host, type, subject) where subject is not null
    do update set data = excluded.data, created_at = excluded.created_at`;

const insertOne = prepared<NewEventRow, never>((db, hole) => ({
  compile: () =>
    sql`${into} values (${sql.join(columns.map((name) => hole(name)))}) ${onConflict}`
      .compile(db) as CompiledQuery<never>,
}));

const insertMany = prepared<{ rows: string }, never>((db, hole) => ({
  compile: () =>
    sql`${into} select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
      from json_each(${hole("rows")}) where true ${onConflict}`.compile(db) as CompiledQuery<never>,
}));

export async function insertEvents(db: Db, rows: readonly NewEventRow[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  if (rows.length === 1) await insertOne(db, first);
  else {
    await insertMany(db, { rows: JSON.stringify(rows.map((row) => columns.map((name) => row[name]))) });
  }
}

const selectWanted = prepared<Record<never, never>, { host: string; events: string; since: number }>((db) =>
  db.selectFrom("webhook").select(["host", "events", "events_since as since"])
);

/** Which types the webhooks of each host want, and since when. */
export async function listWanted(db: Db): Promise<{ host: string; events: string[]; since: number }[]> {
  const { rows } = await selectWanted(db, {});
  return rows.map((row) => ({ ...row, events: JSON.parse(row.events) }));
}

/** Of this host, after one, the oldest first. */
export function listEventsAfter(
  db: Db,
  host: string,
  id: number,
  limit: number,
): Promise<Pick<EventRow, "id" | "type">[]> {
  return db.selectFrom("webhook_event").select(["id", "type"]).where("host", "=", host).where("id", ">", id)
    .orderBy("id").limit(limit).execute();
}

export function findEvent(db: Db, host: string, id: number): Promise<EventRow | undefined> {
  return db.selectFrom("webhook_event").selectAll().where("id", "=", id).where("host", "=", host)
    .executeTakeFirst();
}

export function findEventByUid(db: Db, host: string, uid: string): Promise<EventRow | undefined> {
  return db.selectFrom("webhook_event").selectAll().where("uid", "=", uid).where("host", "=", host)
    .executeTakeFirst();
}

/** The last event of all; 0, if there is none. */
export async function lastEvent(db: Db): Promise<number> {
  const { last } = await db.selectFrom("webhook_event").select(({ fn }) => fn.max("id").as("last"))
    .executeTakeFirstOrThrow();
  return last ?? 0;
}

/** The last event before the first that is not older than `time`; 0, if there is none. Ids grow with time. */
export async function lastEventBefore(db: Db, time: number): Promise<number> {
  const first = await db.selectFrom("webhook_event").select(({ fn }) => fn.min("id").as("id"))
    .executeTakeFirstOrThrow();
  let [low, high] = [(first.id ?? 1) - 1, await lastEvent(db)];
  while (low < high) { // all up to `low` are older, and none behind `high`
    const middle = Math.ceil((low + high) / 2);
    const event = await db.selectFrom("webhook_event").select(["id", "created_at"]).where("id", "<=", middle)
      .orderBy("id", "desc").limit(1).executeTakeFirst();
    if (event && event.created_at >= time) high = event.id - 1;
    else low = middle;
  }
  return Math.max(low, 0);
}

/** From now on it is what it is: what comes later about the same is another event. */
export async function closeEvent(db: Db, host: string, id: number): Promise<void> {
  await db.updateTable("webhook_event").set({ subject: null }).where("id", "=", id).where("host", "=", host)
    .execute();
}

/** The same for all of a host, before a webhook begins to look at what comes. */
export async function closeEvents(db: Db, host: string): Promise<void> {
  await db.updateTable("webhook_event").set({ subject: null }).where("host", "=", host)
    .where("subject", "is not", null).execute();
}

/**
 * Of the `limit` events of all hosts after `after` and up to `last`, deletes those that wait for nobody, and those
 * older than `latest` whoever they wait for. Answers the last that was looked at; `undefined`: there are no more.
 */
export async function deleteEvents(
  db: Db,
  { after, last, latest }: { after: number; last: number; latest: number },
  limit: number,
): Promise<number | undefined> {
  const some = db.selectFrom("webhook_event").select("id").where("id", ">", after).where("id", "<=", last)
    .orderBy("id").limit(limit);
  const { to } = await db.selectFrom(some.as("some")).select(({ fn }) => fn.max("id").as("to"))
    .executeTakeFirstOrThrow();
  if (to === null) return undefined;
  const old = db.selectFrom("webhook_event as e").select("e.id").where("e.id", ">", after).where(
    "e.id",
    "<=",
    to,
  )
    .where(({ eb, or, and, not, exists, selectFrom }) =>
      or([
        eb("e.created_at", "<", latest),
        and([
          not(exists(
            selectFrom("webhook as w").select("w.id").whereRef("w.host", "=", "e.host")
              .where("w.disabled", "is", null).whereRef("w.position", "<", "e.id"),
          )),
          not(exists(
            selectFrom("webhook_delivery as d").select("d.event_id").whereRef("d.event_id", "=", "e.id")
              .where("d.state", "=", "retrying"),
          )),
        ]),
      ])
    );
  await db.deleteFrom("webhook_event").where("id", "in", old).execute();
  return to;
}
