import { type CompiledQuery, sql } from "kysely";
import { createPace } from "../core/turn.ts";
import type { Db, Tables } from "../store/database.ts";
import { prepared } from "../store/prepared.ts";
import type { KeptRoster, RosterItem } from "./roster.ts";

/** A roster without its contacts. */
export interface RosterHead {
  readonly id: number;
  readonly version: number;
}

const selectHead = prepared<{ host: string; username: string }, RosterHead>((db, hole) =>
  db.selectFrom("roster").select(["id", "version"]).where("host", "=", hole("host"))
    .where("username", "=", hole("username"))
);

export async function findHead(db: Db, host: string, username: string): Promise<RosterHead | undefined> {
  return (await selectHead(db, { host, username })).rows[0];
}

export type ItemRow = Omit<Tables["roster_item"], "roster_id" | "given">;
type RosterRow = { [K in keyof ItemRow]: ItemRow[K] | null } & {
  id: number;
  version: number;
  pending: string;
  etag: string | null;
  fetched_at: number | null;
};

const page = 1_000; // contacts that are read before others have a turn

const selectRoster = prepared<{ host: string; username: string }, RosterRow>((db, hole) =>
  db.selectFrom("roster as r").leftJoin("roster_item as i", "i.roster_id", "r.id")
    .select(["r.id", "r.version", "r.pending", "r.etag", "r.fetched_at"])
    .select(["i.jid", "i.name", "i.subscription", "i.ask", "i.approved", "i.groups"])
    .where("r.host", "=", hole("host")).where("r.username", "=", hole("username"))
    .orderBy("i.jid").limit(page)
);

type MoreRow = ItemRow & { version: number };
const selectMore = prepared<{ id: number; after: string }, MoreRow>((db, hole) =>
  db.selectFrom("roster_item as i").innerJoin("roster as r", "r.id", "i.roster_id")
    .select(["r.version", "i.jid", "i.name", "i.subscription", "i.ask", "i.approved", "i.groups"])
    .where("i.roster_id", "=", hole("id")).where("i.jid", ">", hole("after")).orderBy("i.jid").limit(page)
);

/** Contacts and version belong together: a roster that changes while it is read in parts is read again. */
export async function findRoster(db: Db, host: string, username: string): Promise<KeptRoster | undefined> {
  for (;;) {
    const { rows } = await selectRoster(db, { host, username });
    const [first] = rows;
    if (!first) return undefined;
    const items = new Map<string, RosterItem>();
    for (const row of rows) if (row.jid !== null) items.set(row.jid, itemFromRow(row as ItemRow));
    if (rows.length === page && !await readMore(db, first, items, rows.at(-1)?.jid ?? "")) continue;
    return {
      id: first.id,
      version: first.version,
      items,
      pending: new Map(first.pending === "{}" ? [] : Object.entries(JSON.parse(first.pending))),
      ...(first.etag !== null && { etag: first.etag }),
      ...(first.fetched_at !== null && { fetchedAt: first.fetched_at }),
    };
  }
}

/** @returns whether it is all of one version */
async function readMore(
  db: Db,
  { id, version }: RosterHead,
  items: Map<string, RosterItem>,
  after: string,
): Promise<boolean> {
  for (const pace = createPace();;) {
    await pace();
    const { rows } = await selectMore(db, { id, after });
    for (const row of rows) items.set(row.jid, itemFromRow(row));
    if (rows.some((row) => row.version !== version)) return false;
    if (rows.length < page) return (await selectVersion(db, { id })).rows[0]?.version === version;
    after = rows.at(-1)?.jid ?? "";
  }
}

const selectVersion = prepared<{ id: number }, { version: number }>((db, hole) =>
  db.selectFrom("roster").select("version").where("id", "=", hole("id"))
);

export const itemFromRow = ({ name, groups, subscription, ask, approved }: ItemRow): RosterItem => ({
  ...(name !== null && { name }),
  groups: groups === "[]" ? [] : JSON.parse(groups),
  subscription,
  ask: ask === 1,
  approved: approved === 1,
});

const insertHead = prepared<{ host: string; username: string }, { id: number }>((db, hole) =>
  db.insertInto("roster").values({ host: hole("host"), username: hole("username") }).returning("id") as never
);

/** @returns the new roster's id */
export async function insertRoster(db: Db, host: string, username: string): Promise<number> {
  return (await insertHead(db, { host, username })).rows[0]!.id;
}

const compiled = <Row>(query: (values: unknown) => { compile(db: Db): CompiledQuery<Row> }) =>
  prepared<{ values: string }, Row>((db, hole) => ({ compile: () => query(hole("values")).compile(db) }));

// One statement however many contacts: SQLite takes the rows out of one JSON text.
const upsertAll = compiled((values) =>
  sql`insert into roster_item (roster_id, jid, name, subscription, ask, approved, groups)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
    from json_each(${values}) where true
    on conflict (roster_id, jid) do update set name = excluded.name, subscription = excluded.subscription,
      ask = excluded.ask, approved = excluded.approved, groups = excluded.groups`
);
const deleteAll = compiled((values) =>
  sql`delete from roster_item where (roster_id, jid) in
    (select value ->> 0, value ->> 1 from json_each(${values}))`
);

/** Puts contacts in, replaces them, and takes out those without an item. */
export async function putItems(
  db: Db,
  id: number,
  items: Iterable<readonly [jid: string, item: RosterItem | undefined]>,
): Promise<void> {
  const [upserts, removals]: unknown[][] = [[], []];
  for (const [jid, item] of items) {
    if (item) upserts!.push(rowOf(id, jid, item));
    else removals!.push([id, jid]);
  }
  if (removals!.length > 0) await deleteAll(db, { values: JSON.stringify(removals) });
  if (upserts!.length > 0) await upsertAll(db, { values: JSON.stringify(upserts) });
}

export const rowOf = (id: number, jid: string, { name, subscription, ask, approved, groups }: RosterItem) => [
  ...[id, jid, name ?? null, subscription],
  ...[ask ? 1 : 0, approved ? 1 : 0, JSON.stringify(groups)],
];

/** Takes all contacts out, and leaves the roster. */
export async function clearItems(db: Db, id: number): Promise<void> {
  await db.deleteFrom("roster_item").where("roster_id", "=", id).execute();
}

const selectSize = prepared<{ id: number }, { items: number; bytes: number | null }>((db, hole) =>
  db.selectFrom("roster_item").where("roster_id", "=", hole("id")).select(({ fn }) => [
    fn.countAll<number>().as("items"),
    sql<number | null>`sum(octet_length(jid) + ifnull(octet_length(name), 0) + octet_length(groups))`.as(
      "bytes",
    ),
  ])
);

/** How many contacts there are, and how many bytes of text in them. */
export async function sizeOf(db: Db, id: number): Promise<{ items: number; bytes: number }> {
  const { items = 0, bytes = 0 } = (await selectSize(db, { id })).rows[0] ?? {};
  return { items, bytes: bytes ?? 0 };
}

const setHead = prepared<{ id: number; version: number }, never>((db, hole) =>
  db.updateTable("roster").set({ version: hole("version"), etag: null }).where("id", "=", hole("id")) as never
);
const setHeadAndPending = prepared<{ id: number; version: number; pending: string }, never>((db, hole) =>
  db.updateTable("roster").set({ version: hole("version"), pending: hole("pending"), etag: null })
    .where("id", "=", hole("id")) as never
);

/** The web app's answer no longer says what is kept. @param pending if given, replaces who asks */
export async function updateHead(
  db: Db,
  id: number,
  version: number,
  pending?: ReadonlyMap<string, true | string>,
): Promise<void> {
  if (pending === undefined) await setHead(db, { id, version });
  else await setHeadAndPending(db, { id, version, pending: JSON.stringify(Object.fromEntries(pending)) });
}

/**
 * What the web app has answered last, if the roster still has the version that was made of it. One that is not
 * there is made, so that it is known to be empty.
 */
export async function markFetched(
  db: Db,
  host: string,
  username: string,
  { etag = null, fetchedAt, version }: {
    etag?: string | null | undefined;
    fetchedAt: number;
    version: number;
  },
): Promise<void> {
  const fetched = { etag, fetched_at: fetchedAt };
  const { numUpdatedRows } = await db.updateTable("roster").set(fetched).where("host", "=", host)
    .where("username", "=", username).where("version", "=", version).executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n || version > 0) return;
  await db.insertInto("roster").values({ host, username, ...fetched }).onConflict((oc) => oc.doNothing())
    .execute();
}

export async function deleteRoster(db: Db, host: string, username: string): Promise<void> {
  await db.deleteFrom("roster").where("host", "=", host).where("username", "=", username).execute();
}

/** Usernames with a roster, in order, after one. */
export async function listRosters(db: Db, host: string, after: string, limit: number): Promise<string[]> {
  const rows = await db.selectFrom("roster").select("username").where("host", "=", host)
    .where("username", ">", after).orderBy("username").limit(limit).execute();
  return rows.map(({ username }) => username);
}

/** The versions of these users' rosters, as far as they have one. */
export async function listVersions(
  db: Db,
  host: string,
  usernames: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.selectFrom("roster").select(["username", "version"]).where("host", "=", host)
    .where("username", "in", sql<string>`(select value from json_each(${JSON.stringify(usernames)}))`)
    .execute();
  return new Map(rows.map(({ username, version }) => [username, version]));
}
