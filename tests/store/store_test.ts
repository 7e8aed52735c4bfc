import assert from "node:assert/strict";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, sql, SqliteDialect } from "kysely";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { migrate, migrations } from "../../src/store/migrate.ts";
import { insertKey } from "../../src/keys/store.ts";

const key = (id: string) => ({
  ...{ id, host: "example.org", name: null, secret_hash: "x", scopes: "[]", limits: "{}" },
  ...{ created_at: 1, expires_at: null, last_used_at: null },
});
const ids = async (database: Awaited<ReturnType<typeof openDatabase>>) =>
  (await database.db.selectFrom("api_key").select("id").orderBy("id").execute()).map(({ id }) => id);

/** Kysely on a bare file, without what openDatabase does. */
const adapt = (file: DatabaseSync) =>
  new Kysely<unknown>({
    dialect: new SqliteDialect({
      database: {
        close: () => {},
        prepare: (text) => {
          const made = file.prepare(text);
          return {
            reader: made.columns().length > 0,
            all: (values) => made.all(...values as SQLInputValue[]),
            run: (values) => made.run(...values as SQLInputValue[]),
            iterate: (values) => made.iterate(...values as SQLInputValue[]),
          };
        },
      },
    }),
  });

async function scratch(work: (dir: string) => Promise<void>) {
  const dir = await Deno.makeTempDir({ prefix: "couplet-store-" });
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a new store is in WAL mode, syncs every commit, and has strict tables", () =>
  scratch(async (dir) => {
    const database = await openDatabase(`${dir}/c.db`);
    await database.close();
    const file = new DatabaseSync(`${dir}/c.db`);
    assert.equal(file.prepare("pragma journal_mode").get()?.journal_mode, "wal");
    const tables = file.prepare(
      "select name, strict from pragma_table_list where schema = 'main' and name not like 'sqlite_%'",
    ).all();
    assert.deepEqual(tables.map((table) => [table.name, table.strict]).sort(), [
      ["api_key", 1],
      ["campaign", 1],
      ["data_version", 1],
      ["idempotency", 1],
      ["invite", 1],
      ["invite_expiry", 1],
      ["invite_template", 1],
      ["join_request", 1],
      ["person", 1],
      ["quota_use", 1],
      ["redemption", 1],
      ["roster", 1],
      ["roster_item", 1],
      ["roster_push", 1],
      ["roster_untold", 1],
      ["user_group", 1],
      ["user_group_member", 1],
      ["velocity_alarm", 1],
      ["webhook", 1],
      ["webhook_attempt", 1],
      ["webhook_delivery", 1],
      ["webhook_event", 1],
    ]);
    file.close();
    const again = await openDatabase(`${dir}/c.db`);
    await again.close();
    assert.deepEqual(
      Array.from(Deno.readDirSync(dir), ({ name }) => name),
      ["c.db"],
      "closing leaves one file",
    );
  }));

Deno.test("writes asked for at once share a commit, and an error in one is its own", () =>
  scratch(async (dir) => {
    const database = await openDatabase(`${dir}/c.db`);
    const before = database.version();
    const all = await Promise.allSettled(
      ["a", "b", "a", "c"].map((id) => database.write((db) => insertKey(db, key(id)))),
    );
    assert.deepEqual(all.map(({ status }) => status), ["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(await ids(database), ["a", "b", "c"]);
    await new Promise((resolve) => setTimeout(resolve, 2));
    assert.equal(database.version() - before, 1, "one commit for the four");
    await database.close();
  }));

Deno.test("a write that fails half way leaves nothing of itself", () =>
  scratch(async (dir) => {
    const database = await openDatabase(`${dir}/c.db`);
    const failing = database.write(async (db) => {
      await insertKey(db, key("a"));
      throw new Error("changed my mind");
    });
    await Promise.all([
      assert.rejects(failing, /changed my mind/),
      database.write((db) => insertKey(db, key("b"))),
    ]);
    assert.deepEqual(await ids(database), ["b"]);
    await database.close();
  }));

Deno.test("what is being written is not seen before it is committed", () =>
  scratch(async (dir) => {
    const database = await openDatabase(`${dir}/c.db`);
    let seen: string[] | undefined;
    await database.write(async (db) => {
      await insertKey(db, key("a"));
      seen = await ids(database);
    });
    assert.deepEqual(seen, []);
    assert.deepEqual(await ids(database), ["a"]);
    await database.close();
  }));

Deno.test("a write waits, without holding the process up, while another process holds the file", () =>
  scratch(async (dir) => {
    const database = await openDatabase(`${dir}/c.db`);
    const other = new DatabaseSync(`${dir}/c.db`);
    other.exec("begin immediate");
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 5);
    const written = database.write((db) => insertKey(db, key("a")));
    setTimeout(() => other.exec("commit"), 100);
    await written;
    clearInterval(ticking);
    assert.ok(ticks >= 10, `${ticks} ticks`);
    other.close();
    await database.close();
  }));

Deno.test("writes that are under way are finished before the store closes", () =>
  scratch(async (dir) => {
    const database = await openDatabase(`${dir}/c.db`);
    const writes = Array.from({ length: 200 }, (_, i) => database.write((db) => insertKey(db, key(`k${i}`))));
    await database.close();
    await Promise.all(writes);
    const again = await openDatabase(`${dir}/c.db`);
    assert.equal((await ids(again)).length, 200);
    await again.close();
  }));

Deno.test("a database of another program, a damaged one and a newer one are refused and left as they are", () =>
  scratch(async (dir) => {
    const other = new DatabaseSync(`${dir}/other.db`);
    other.exec("create table theirs (x)");
    other.close();
    await assert.rejects(openDatabase(`${dir}/other.db`), { name: "StoreError", message: /another program/ });
    await Deno.writeTextFile(
      `${dir}/text.db`,
      "this is no database at all, but it is long enough".repeat(50),
    );
    await assert.rejects(openDatabase(`${dir}/text.db`), { name: "StoreError", message: /not a database/ });
    await (await openDatabase(`${dir}/new.db`)).close();
    const newer = new DatabaseSync(`${dir}/new.db`);
    newer.exec(`pragma user_version = ${migrations.length + 1}`);
    newer.close();
    await assert.rejects(openDatabase(`${dir}/new.db`), { name: "StoreError", message: /newer Couplet/ });
    const untouched = new DatabaseSync(`${dir}/other.db`);
    assert.deepEqual(untouched.prepare("select name from sqlite_schema").all().map(({ name }) => name), [
      "theirs",
    ]);
    untouched.close();
  }));

Deno.test("a migration that fails leaves the schema as it was before all of them", () =>
  scratch(async (dir) => {
    const sqlite = new DatabaseSync(`${dir}/c.db`);
    const statement = (text: string) => ({
      up: async (db: Kysely<unknown>) => void await sql.raw(text).execute(db),
    });
    const failing = [...migrations, statement("create table later (x)"), statement("nonsense")];
    await assert.rejects(
      migrate(sqlite, "c.db", adapt, (work) => Promise.resolve(work()), failing),
      /syntax error/,
    );
    assert.deepEqual(sqlite.prepare("select name from sqlite_schema").all(), []);
    assert.equal(sqlite.prepare("pragma user_version").get()?.user_version, 0);
    sqlite.close();
  }));

Deno.test("two processes that make the store at the same time both get it", () =>
  scratch(async (dir) => {
    const open = () => openDatabase(`${dir}/c.db`);
    const both = await Promise.all([open(), open(), open()]);
    for (const database of both) await database.close();
  }));

/** A file as a program of so many migrations has left it is opened by this one. */
function upgrade(
  had: number,
  fill: (old: DatabaseSync) => void,
  look: (database: Database) => Promise<void>,
): Promise<void> {
  return scratch(async (dir) => {
    const old = new DatabaseSync(`${dir}/c.db`);
    old.exec(`pragma application_id = ${0x43706c74}`);
    await migrate(old, "c.db", adapt, (work) => Promise.resolve(work()), migrations.slice(0, had));
    assert.equal(old.prepare("pragma user_version").get()?.user_version, had);
    fill(old);
    old.close();
    const database = await openDatabase(`${dir}/c.db`);
    try {
      await look(database);
    } finally {
      await database.close();
    }
  });
}

Deno.test("a store from before rosters gets them, and keeps what it holds", () =>
  upgrade(1, (old) => {
    old.exec(
      "insert into api_key values ('a', 'example.org', null, 'x', '[]', '{}', 1, null, null);" +
        "insert into invite values (7, 'example.org', 'k', 's', 'account', null, 0, 'pending', 0, 1, 'cli', '{}', 1, 2)",
    );
  }, async (database) => {
    assert.deepEqual(await ids(database), ["a"]);
    assert.equal((await database.db.selectFrom("invite").select("id").executeTakeFirstOrThrow()).id, 7);
    assert.deepEqual(await database.db.selectFrom("roster").selectAll().execute(), []);
  }));

Deno.test("a store from before versions of users' data gets them, and keeps its rosters", () =>
  upgrade(3, (old) => {
    old.exec(
      "insert into roster (host, username, version) values ('example.org', 'john', 7);" +
        "insert into roster_untold (host, username, created_at) values ('example.org', 'john', 1)",
    );
  }, async (database) => {
    const { db } = database;
    assert.equal((await db.selectFrom("roster").select("version").executeTakeFirstOrThrow()).version, 7);
    assert.equal((await db.selectFrom("roster_untold").selectAll().execute()).length, 1);
    assert.deepEqual(await db.selectFrom("data_version").selectAll().execute(), []);
  }));

Deno.test("a store from before invites could be paused keeps its invites, none of them paused", () =>
  upgrade(4, (old) => {
    old.exec(
      "insert into invite (host, token_key, token_sealed, type, register, state, source, details, created_at, " +
        "expires_at) values ('example.org', 'k', 's', 'account', 0, 'pending', 'john@example.org', '{}', 1, 2)",
    );
  }, async (database) => {
    const { paused, for_jid, ended_at } = await database.db.selectFrom("invite").selectAll()
      .executeTakeFirstOrThrow();
    assert.deepEqual([paused, for_jid, ended_at], [0, null, null]);
  }));

Deno.test("a store from before groups keeps its rosters, whose contacts no group has given", () =>
  upgrade(5, (old) => {
    old.exec(
      "insert into roster (id, host, username, version) values (3, 'example.org', 'john', 7);" +
        "insert into roster_item values (3, 'marie@example.org', null, 'both', 0, 0, '[]')",
    );
  }, async (database) => {
    const { db } = database;
    assert.equal((await db.selectFrom("roster").select("version").executeTakeFirstOrThrow()).version, 7);
    assert.deepEqual(await db.selectFrom("user_group").selectAll().execute(), []);
    const [item] = await db.selectFrom("roster_item").selectAll().execute();
    assert.deepEqual([item?.jid, item?.given], ["marie@example.org", null]);
  }));

Deno.test("a store from before webhooks gets them, and keeps its invites", () =>
  upgrade(6, (old) => {
    old.exec(
      "insert into invite (host, token_key, token_sealed, type, register, state, source, details, created_at, " +
        "expires_at) values ('example.org', 'k', 's', 'account', 0, 'pending', 'john@example.org', '{}', 1, 2)",
    );
  }, async (database) => {
    const { db } = database;
    assert.equal(
      (await db.selectFrom("invite").select("token_key").executeTakeFirstOrThrow()).token_key,
      "k",
    );
    assert.deepEqual(await db.selectFrom("webhook").selectAll().execute(), []);
    assert.deepEqual(await db.selectFrom("invite_expiry").selectAll().execute(), []);
  }));

Deno.test("a store from before people knows who has invited whom, as far as that is still there", () =>
  upgrade(7, (old) => {
    const invite = (id: number, type: string, username: string | null, source: string) =>
      old.prepare(
        "insert into invite (id, host, token_key, token_sealed, type, username, register, state, details, source, " +
          "created_at, expires_at) values (?, 'example.org', ?, 's', ?, ?, 1, 'used', '{}', ?, 1, 2)",
      ).run(id, `key${id}-0123456789abcdef`, type, username, source);
    invite(1, "account", null, "cli");
    invite(2, "contact", "ann", "api/token/x");
    invite(3, "account", null, "bob@example.org/phone");
    invite(4, "reset", "ann", "cli");
    const use = (invite: number, name: string, registers: number, at: number) =>
      old.prepare(
        "insert into redemption (invite_id, host, jid, claim, held_until, registers, created_at) " +
          "values (?, 'example.org', ?, 'c', null, ?, ?)",
      ).run(invite, `${name}@example.org`, registers, at);
    use(3, "carol", 1, 300);
    use(1, "ann", 1, 100);
    use(2, "bob", 1, 200);
    use(4, "ann", 0, 400);
  }, async (database) => {
    const people = await database.db.selectFrom("person as p").leftJoin("person as i", "i.id", "p.parent_id")
      .select(["p.username", "i.username as by", "p.source", "p.invite", "p.created_at"]).orderBy("p.id")
      .execute();
    assert.deepEqual(people.map((one) => Object.values(one)), [
      ["ann", null, "cli", "key1-0123456789a", 100],
      ["bob", "ann", null, "key2-0123456789a", 200],
      ["carol", "bob", null, "key3-0123456789a", 300],
    ]);
    const { source } = await database.db.selectFrom("invite").select("source").where("id", "=", 3)
      .executeTakeFirstOrThrow();
    assert.equal(source, "bob@example.org", "devices make nobody another inviter");
  }));

Deno.test("a store from before campaigns keeps its invites, which are of none, and deletes them as before", () =>
  upgrade(8, (old) => {
    old.exec(
      "insert into invite (host, token_key, token_sealed, type, register, state, source, details, created_at, " +
        "expires_at) values ('example.org', 'k', 's', 'account', 0, 'pending', 'cli', '{}', 1, 2)",
    );
  }, async (database) => {
    const { campaign_id } = await database.db.selectFrom("invite").selectAll().executeTakeFirstOrThrow();
    assert.equal(campaign_id, null);
    assert.deepEqual(await database.db.selectFrom("campaign").selectAll().execute(), []);
    const plan = await sql<{ detail: string }>`explain query plan
      select * from invite where campaign_id = 1 and id > 7 order by id limit 9`.execute(database.db);
    assert.match(plan.rows[0]!.detail, /using index invite_campaign \(campaign_id=\? and rowid>\?\)/i);
    await database.write((db) => db.deleteFrom("invite").execute());
  }));
