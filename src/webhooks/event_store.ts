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

/** Which types the webhooks of each host want, and since when. */
export async function listWanted(db: Db): Promise<{ host: string; events: string[]; since: number }[]> {
  const rows = await db.selectFrom("webhook").select(["host", "events", "events_since as since"]).execute();
  return rows.map((row) => ({ ...row, events: JSON.parse(row.events) }));
}
