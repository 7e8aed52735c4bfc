import { CompiledQuery, sql } from "kysely";
import type { Db } from "../store/database.ts";
import { prepared } from "../store/prepared.ts";
import type { RosterItem } from "./roster.ts";

/** A roster that comes from somewhere else. */
export interface NewRoster {
  readonly username: string;
  readonly version: number;
  readonly items: ReadonlyMap<string, RosterItem>;
  readonly pending: ReadonlyMap<string, true | string>;
}

// One statement for all rows of a kind: SQLite takes them out of one JSON text.
const heads = {
  insert: `do nothing`,
  replace: `do update set
  version = max(roster.version + 1, excluded.version), pending = excluded.pending, etag = null, fetched_at = null`,
};
const putHeads = (onConflict: string) =>
  prepared<{ host: string; values: string }, { id: number; username: string }>((db, hole) => ({
    compile: () =>
      sql<{ id: number; username: string }>`insert into roster (host, username, version, pending)
        select ${hole("host")}, value ->> 0, value ->> 1, value ->> 2 from json_each(${
        hole("values")
      }) where true
        on conflict (host, username) ${sql.raw(onConflict)} returning id, username`.compile(db),
  }));
const [insertHeads, replaceHeads] = [putHeads(heads.insert), putHeads(heads.replace)];

const statement = <Values extends object>(
  build: (hole: (name: keyof Values) => unknown) => { compile(db: Db): unknown },
) => prepared<Values, never>((db, hole) => ({ compile: () => build(hole).compile(db) as never }));

const clearItems = statement<{ ids: string }>((hole) =>
  sql`delete from roster_item where roster_id in (select value from json_each(${hole("ids")}))`
);
const itemColumns = 7;
const rowsAtOnce = 100;
/** In rows of parameters: half of what rows in JSON cost, and here that is what everybody waits for. */
function insertItems(db: Db, values: readonly unknown[]): Promise<unknown> {
  const row = `(${Array(itemColumns).fill("?").join(", ")})`;
  const rows = Array(values.length / itemColumns).fill(row).join(", ");
  const text =
    `insert into roster_item (roster_id, jid, name, subscription, ask, approved, groups) values ${rows}`;
  return db.executeQuery(CompiledQuery.raw(text, [...values]));
}
const insertPushes = statement<{ host: string; now: number; users: string }>((hole) =>
  sql`insert into roster_push (host, username, change, created_at)
    select ${hole("host")}, value, '{"items":[]}', ${hole("now")} from json_each(${hole("users")})`
);

/**
 * Puts in whole rosters of different users, with the word to Prosody to look again: it may have read the old one,
 * or that there was none.
 * @param replace those that are there, which are left alone otherwise
 * @returns whose are in now
 */
export async function putRosters(
  db: Db,
  host: string,
  rosters: readonly NewRoster[],
  { replace, now }: { replace: boolean; now: number },
): Promise<Set<string>> {
  const rows = rosters.map(({ username, version, pending }) => [
    ...[username, version, JSON.stringify(Object.fromEntries(pending))],
  ]);
  const put = await (replace ? replaceHeads : insertHeads)(db, { host, values: JSON.stringify(rows) });
  const ids = new Map(put.rows.map(({ id, username }) => [username, id]));
  if (replace) await clearItems(db, { ids: JSON.stringify([...ids.values()]) });
  let values: unknown[] = [];
  for (const roster of rosters) {
    const id = ids.get(roster.username);
    if (id === undefined) continue;
    for (const [jid, { name, subscription, ask, approved, groups }] of roster.items) {
      values.push(id, jid, name ?? null, subscription, ask ? 1 : 0, approved ? 1 : 0, JSON.stringify(groups));
      if (values.length === rowsAtOnce * itemColumns) {
        await insertItems(db, values);
        values = [];
      }
    }
  }
  if (values.length > 0) await insertItems(db, values);
  await insertPushes(db, { host, now, users: JSON.stringify([...ids.keys()]) });
  return new Set(ids.keys());
}

/** How many users of this host have a roster. */
export async function countRosters(db: Db, host: string): Promise<number> {
  const { users } = await db.selectFrom("roster").select((eb) => eb.fn.countAll<number>().as("users"))
    .where("host", "=", host).executeTakeFirstOrThrow();
  return users;
}
