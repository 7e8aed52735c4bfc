import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import type { LuaTable, LuaValue } from "../../src/core/lua_value.ts";
import { countSqlStore, listSqlHosts, readSqlStore } from "../../src/prosody/data_sql.ts";

type Row = [user: string, store: string, key: string, type: string, value: string | Uint8Array];

interface SqlFile extends AsyncDisposable {
  readonly path: string;
  readonly database: DatabaseSync;
  /** Rows of example.org. */
  add(...rows: Row[]): void;
  /** What each user of the store has: the value, or the error's message. */
  all(store?: string, host?: string): Promise<Record<string, unknown>>;
}

/** An empty database as Prosody makes it; 0.12 does not mind two rows with one key. */
async function sqlFile(index = "index"): Promise<SqlFile> {
  const dir = await Deno.makeTempDir({ prefix: "couplet-sql-" });
  const path = `${dir}/prosody.sqlite`;
  const database = new DatabaseSync(path);
  const columns = ["host", "user", "store", "key", "type", "value"].map((name) => `"${name}" TEXT NOT NULL`);
  database.exec(`create table "prosody" (${columns});
    create ${index} "prosody_index" on "prosody" ("host", "user", "store", "key")`);
  const insert = database.prepare("insert into prosody values ('example.org', ?, ?, ?, ?, ?)");
  return {
    ...{ path, database },
    add: (...rows) => rows.forEach((row) => insert.run(...row)),
    all: async (store = "roster", host = "example.org") =>
      Object.fromEntries(
        (await Array.fromAsync(readSqlStore(path, host, store))).map((
          one,
        ) => [one.username, "error" in one ? one.error.message : one.value]),
      ),
    async [Symbol.asyncDispose]() {
      database.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

const table = (entries: [string | number | boolean, LuaValue][]): LuaTable => new Map(entries);

Deno.test("the rows of a user as Prosody wrote them are one table, with its keys that are no text", async () => {
  for (const index of ["index", "unique index"]) {
    await using sql = await sqlFile(index);
    sql.add(
      ["ann", "accounts", "iteration_count", "number", "10000"],
      ["ann", "accounts", "salt", "string", "bad3702c"],
      ["ann", "accounts", "disabled", "boolean", "false"],
      ["ann", "roster", "", "json", '{"__hash":[false,{"pending":{},"version":4}]}'],
      ["ann", "roster", "jürgen@example.com", "json", '{"subscription":"both","groups":{"a":true}}'],
      ["bob", "list", "", "json", '["a","b",{"__array":[1,2],"x":null,"__hash":[true,"yes",7.5,[]]}]'],
      ["", "invite_token", "t1", "json", '{"uses":1e+15}'],
    );
    sql.database.exec("insert into prosody values ('example.net','eve','roster','x@y','json','{}')");
    assert.deepEqual(await sql.all("accounts"), {
      ann: table([["iteration_count", 10_000], ["salt", "bad3702c"], ["disabled", false]]),
    });
    assert.deepEqual(await sql.all(), {
      ann: table([
        [false, table([["pending", table([])], ["version", 4]])],
        ["jürgen@example.com", table([["subscription", "both"], ["groups", table([["a", true]])]])],
      ]),
    });
    assert.deepEqual(await sql.all("list"), {
      bob: table([
        ...[[1, "a"], [2, "b"]] as [number, LuaValue][],
        [3, table([[1, 1], [2, 2], [true, "yes"], [7.5, table([])]])],
      ]),
    });
    assert.deepEqual(await sql.all("invite_token"), { "": table([["t1", table([["uses", 1e15]])]]) });
    assert.deepEqual(Object.keys(await sql.all("roster", "example.net")), ["eve"]);
    assert.deepEqual(await sql.all("roster", "example.com"), {});
  }
});

Deno.test("a row that cannot be read is told of its user, without its content, and others go on", async () => {
  await using sql = await sqlFile();
  const bad: [string, string | Uint8Array][] = [
    ["json", '{"password":"secr'],
    ["json", `${"[".repeat(200_000)}${"]".repeat(200_000)}`],
    ["json", '{"__hash":[{},1]}'],
    ["json", '{"__hash":"a secret"}'],
    ["json", '{"__array":{"forEach":1}}'],
    ["json", new Uint8Array([1, 2, 3])],
    ["number", "inf"],
    ["number", "0x"],
    ["boolean", "yes"],
    ["xml", "<secret/>"],
    ["os.execute", "secret"],
    ["x".repeat(1_000_000), "secret"],
  ];
  bad.forEach(([type, value], i) => sql.add([`bad${i}`, "roster", "k", type, value]));
  sql.add(["ann", "roster", "k", "string", "1"], ["zoe", "roster", "k", "string", "2"]);
  const { ann, zoe, ...others } = await sql.all();
  assert.deepEqual([ann, zoe], [table([["k", "1"]]), table([["k", "2"]])]);
  assert.equal(Object.keys(others).length, bad.length);
  for (const error of Object.values(others)) {
    assert.match(String(error), /^A value of the type "[\w.]{3,20}" cannot be read\.$/);
  }
});

Deno.test("thousands of users come each once and in order, and are counted", async () => {
  await using sql = await sqlFile();
  const users = Array.from({ length: 1_000 }, (_, i) => `${[..."aäz🔑_"][i % 5]}user${i}`);
  sql.database.exec("begin");
  for (const user of users) {
    for (let i = 0; i < 5; i++) sql.add([user, "roster", `c${i}@example.org`, "json", "{}"]);
    sql.add([user, "accounts", "password", "string", "x"]);
  }
  sql.database.exec("commit");
  const found: string[] = [];
  for await (const stored of readSqlStore(sql.path, "example.org", "roster")) {
    assert.ok("value" in stored && stored.value instanceof Map && stored.value.size === 5);
    found.push(stored.username);
  }
  const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  assert.deepEqual(found, users.toSorted(order));
  assert.equal(countSqlStore(sql.path, "example.org", "roster"), 1_000);
  assert.equal(countSqlStore(sql.path, "example.org", "vcard"), 0);
});

Deno.test("Prosody can write while its store is read, and whoever stops early holds nothing", async () => {
  await using sql = await sqlFile();
  for (let i = 0; i < 200; i++) sql.add([`user${i}`, "roster", "a@b", "json", "{}"]);
  let seen = 0;
  for await (const _ of readSqlStore(sql.path, "example.org", "roster")) {
    sql.database.exec("update prosody set value = '[]' where user = 'user1'");
    if (++seen === 150) break;
  }
  sql.database.exec("drop table prosody");
});

Deno.test("a name that is no UTF-8 is told once, and reading ends", async () => {
  await using sql = await sqlFile();
  sql.add(["ann", "roster", "a@b", "json", "{}"]);
  for (let i = 0; i < 100; i++) {
    sql.database.exec(`insert into prosody values
      ('example.org', cast(x'ff${(i + 16).toString(16)}' as text), 'roster', 'a@b', 'json', '{}')`);
  }
  const found = await Array.fromAsync(readSqlStore(sql.path, "example.org", "roster"));
  assert.equal(found[0]?.username, "ann");
  assert.ok(found.length > 1 && found.length <= 101);
  for (const stored of found.slice(1)) assert.ok("error" in stored, stored.username);
});

Deno.test("no query sorts or looks through the whole table", async () => {
  await using sql = await sqlFile();
  const source = await Deno.readTextFile(new URL("../../src/prosody/data_sql.ts", import.meta.url));
  const queries: Record<string, string> = {};
  for (const [, name = "", text = ""] of source.matchAll(/const (\w+) =\s+`([^`]+)`/g)) {
    queries[name] = text.replace(/\$\{(\w+)\}/g, (_, other) => queries[other] ?? "");
  }
  for (const name of ["count", "lastOfPage", "page"]) {
    const plan = sql.database.prepare(`explain query plan ${queries[name]}`).all().map(({ detail }) =>
      detail
    );
    const text = plan.join("\n");
    assert.match(text, /SEARCH prosody USING (COVERING )?INDEX prosody_index/, name);
    assert.doesNotMatch(text, /SCAN prosody|B-TREE/, name);
  }
});

Deno.test("what is no database, or none of Prosody's, is an error", async () => {
  const dir = await Deno.makeTempDir({ prefix: "couplet-sql-" });
  await Deno.writeTextFile(`${dir}/junk`, "x".repeat(10_000));
  new DatabaseSync(`${dir}/empty`).close();
  for (const name of ["junk", "empty", "missing"]) {
    await assert.rejects(
      Array.fromAsync(readSqlStore(`${dir}/${name}`, "example.org", "roster")),
      Error,
      name,
    );
    assert.throws(() => countSqlStore(`${dir}/${name}`, "example.org", "roster"), Error, name);
  }
  await assert.rejects(Deno.stat(`${dir}/missing`), Deno.errors.NotFound);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("hosts are those that have something in one of the stores, whatever their names are made of", async () => {
  await using sql = await sqlFile();
  sql.add(["ann", "roster", "a@b", "json", "{}"], ["", "invite_token", "t", "json", "{}"]);
  for (
    const host of [
      "'bücher.example'",
      "'zoo.example'",
      "cast(x'ff80' as text)",
      "cast(x'ff81' as text)",
      "''",
    ]
  ) {
    sql.database.exec(`insert into prosody values (${host}, '', 'invite_token', 't', 'json', '{}'),
      (${host}, 'eve', 'vcard', 't', 'json', '{}')`);
  }
  assert.deepEqual(listSqlHosts(sql.path, ["roster"]), ["example.org"]);
  assert.deepEqual(listSqlHosts(sql.path, ["roster", "invite_token"]), [
    ...["bücher.example", "example.org", "zoo.example"],
  ]);
  assert.deepEqual(listSqlHosts(sql.path, ["none"]), []);
});

Deno.test("with somebody who is told, one damaged value takes no others with it", async () => {
  await using sql = await sqlFile();
  sql.add(["", "invite_token", "a", "json", "{}"], ["", "invite_token", "b", "json", '{"secr'], [
    ...["", "invite_token", "c", "string", "x"] as const,
  ]);
  const told: string[] = [];
  const [found, ...others] = await Array.fromAsync(
    readSqlStore(sql.path, "example.org", "invite_token", (...what) => told.push(what.join(" "))),
  );
  assert.deepEqual([others, told], [[], [' b Problem: A value of the type "json" cannot be read.']]);
  assert.deepEqual(found && "value" in found && found.value, table([["a", table([])], ["c", "x"]]));
});
