import assert from "node:assert/strict";
import type { KeptRoster } from "../../src/rosters/roster.ts";
import { listPushes } from "../../src/rosters/push_store.ts";
import { findRoster, insertRoster, listRosters } from "../../src/rosters/store.ts";
import type { Incoming, LeftOut } from "../../src/rosters/transfer.ts";
import { exportLine, readExport, requireExport } from "../../src/rosters/transfer_lines.ts";
import { openDatabase } from "../../src/store/database.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const host = "example.org";

type Members = Record<string, unknown>;
const of = (username: string, items: Members, { version = 1, pending = {} as Members } = {}): Incoming => ({
  username,
  roster: { version, items: new Map(Object.entries(items)), pending: new Map(Object.entries(pending)) },
});

async function* each<T>(...all: T[]): AsyncGenerator<T> {
  for (const one of all) yield await Promise.resolve(one);
}

/** Imports these and answers what was counted, and what was told. */
async function bring(
  app: TestApp,
  incoming: Incoming[],
  options: { replace?: boolean; dryRun?: boolean } = {},
) {
  const leftOut: LeftOut[] = [];
  const onLeftOut = (what: LeftOut) => void leftOut.push(what);
  const count = await app.services.rosterTransfer.import(host, each(...incoming), { ...options, onLeftOut });
  return { count, leftOut };
}

/** What is kept, without the id. */
async function kept(app: TestApp, user: string): Promise<Omit<KeptRoster, "id"> | undefined> {
  const found = await findRoster(app.database.db, host, user);
  if (!found) return undefined;
  const { id: _, ...roster } = found;
  return roster;
}

const pushed = async (app: TestApp) =>
  (await listPushes(app.database.db, host, 100)).map(({ username, change }) => [username, change]);

const item = (more: Members = {}) => ({
  ...{ groups: [], subscription: "none", ask: false, approved: false },
  ...more,
});

Deno.test("a roster comes in as it is: states, requests and version, and nobody is asked", async () => {
  await using app = await createTestApp();
  const request = '<presence type="subscribe" from="eve@example.net"/>';
  const { count, leftOut } = await bring(app, [
    of("ann", {
      "bob@example.net": { name: "Bob", groups: ["b", "a"], subscription: "both" },
      "carl@example.net": { subscription: "from", ask: "subscribe" },
      "dan@example.net": { subscription: "to", approved: true },
      "example.com": { subscription: "none", groups: [] },
    }, { version: 41, pending: { "eve@example.net": request, "fay@example.net": true } }),
    of("empty", {}, { version: 0 }),
  ]);
  assert.deepEqual(leftOut, []);
  assert.deepEqual(count, { users: 2, imported: 2, kept: 0, failed: 0, contacts: 4, left_out: 0 });
  assert.deepEqual(await kept(app, "ann"), {
    version: 41,
    items: new Map([
      ["bob@example.net", item({ name: "Bob", groups: ["a", "b"], subscription: "both" })],
      ["carl@example.net", item({ subscription: "from", ask: true })],
      ["dan@example.net", item({ subscription: "to", approved: true })],
      ["example.com", item()],
    ]),
    pending: new Map<string, true | string>([["eve@example.net", request], ["fay@example.net", true]]),
  });
  assert.deepEqual(await kept(app, "empty"), { version: 0, items: new Map(), pending: new Map() });
  // Prosody may have looked before, and remember that there was nothing.
  assert.deepEqual(await pushed(app), [["ann", { items: [] }], ["empty", { items: [] }]]);
});

Deno.test("who has a roster keeps it; replacing it takes the old one away and never lowers its version", async () => {
  await using app = await createTestApp();
  await bring(app, [
    of("ann", { "bob@example.net": {} }, { version: 7, pending: { "eve@example.net": true } }),
  ]);
  const before = await kept(app, "ann");
  const [id] = (await app.database.db.selectFrom("roster").select("id").execute()).map(({ id }) => id);
  const again = [of("ann", { "carl@example.net": { subscription: "to" } }, { version: 3 }), of("zoe", {})];
  const { count } = await bring(app, again);
  assert.deepEqual([count.imported, count.kept], [1, 1]);
  assert.deepEqual(await kept(app, "ann"), before);

  const replaced = await bring(app, again, { replace: true });
  assert.deepEqual([replaced.count.imported, replaced.count.kept], [2, 0]);
  const items = new Map([["carl@example.net", item({ subscription: "to" })]]);
  assert.deepEqual(await kept(app, "ann"), { version: 8, items, pending: new Map() });
  assert.equal((await findRoster(app.database.db, host, "ann"))?.id, id);
  await bring(app, [of("ann", { "carl@example.net": { subscription: "to" } }, { version: 30 })], {
    replace: true,
  });
  assert.equal((await kept(app, "ann"))?.version, 30);
  const orphans = await app.database.db.selectFrom("roster_item").select("jid").execute();
  assert.deepEqual(orphans.map(({ jid }) => jid), ["carl@example.net"]);
});

Deno.test("a roster that holds something is told from no roster by its version", async () => {
  await using app = await createTestApp();
  await bring(app, [
    of("ann", { "bob@example.net": {} }, { version: 0 }),
    of("ben", {}, { version: 0, pending: { "eve@example.net": true } }),
  ]);
  assert.deepEqual([(await kept(app, "ann"))?.version, (await kept(app, "ben"))?.version], [1, 1]);
});

Deno.test("what cannot be kept is told, with its reason, and the rest of the roster comes in", async () => {
  await using app = await createTestApp();
  const { count, leftOut } = await bring(app, [
    of("ann", {
      "bob@example.net": {},
      "Ann@Example.org": {},
      "a b@example.net": {},
      "bob@example.net/home": {},
      "BOB@example.net": { name: "another spelling" },
      "carl@example.net": { name: "x".repeat(1_024) },
      "dan@example.net": { subscription: "remove" },
      "eve@example.net": { groups: "x" },
      "fay@example.net": "both",
      "gus@example.net": { colour: "red", subscription: "odd" },
    }, {
      pending: {
        "hal@example.net": "<presence>",
        "ida@example.net": false,
        "not a jid": true,
        "jo@example.net": "<a/>",
      },
    }),
  ]);
  assert.deepEqual([...(await kept(app, "ann"))!.items.keys()], ["bob@example.net"]);
  assert.deepEqual([...(await kept(app, "ann"))!.pending], [["jo@example.net", "<a/>"]]);
  assert.deepEqual(leftOut.map(({ user, contact, reason }) => [user, contact, reason]), [
    ["ann", "Ann@Example.org", "Nobody is a contact of themselves."],
    ["ann", "a b@example.net", "This is not a JID."],
    ["ann", "bob@example.net/home", "A contact is a bare JID, without a resource."],
    ["ann", "BOB@example.net", "bob@example.net stands there in another spelling too."],
    ["ann", "carl@example.net", "name: A name may have 1023 bytes at most."],
    ["ann", "dan@example.net", "subscription: Use one of none, to, from, both."],
    ["ann", "eve@example.net", "groups: Groups are a list of names."],
    ["ann", "fay@example.net", 'A contact is an object, such as {"name": "Marie"}.'],
    ["ann", "gus@example.net", "colour: This member is not known here."],
    ["ann", "hal@example.net", "This request for a subscription is no well-formed stanza."],
    ["ann", "ida@example.net", "This request for a subscription is no well-formed stanza."],
    ["ann", "not a jid", "This is not a JID."],
  ]);
  assert.deepEqual([count.contacts, count.left_out, count.failed], [1, 12, 0]);
});

Deno.test("of two spellings of a contact the one that Prosody looks for stays, wherever it stands", async () => {
  await using app = await createTestApp();
  const [bob, other] = [["bob@example.net", { subscription: "to" }], ["Bob@example.net", {}]] as const;
  await bring(app, [
    of("ann", Object.fromEntries([bob, other])),
    of("ben", Object.fromEntries([other, bob])),
  ]);
  await bring(app, [of("cat", Object.fromEntries([other]))]);
  for (const user of ["ann", "ben"]) {
    assert.deepEqual(
      (await kept(app, user))?.items,
      new Map([["bob@example.net", item({ subscription: "to" })]]),
    );
  }
  assert.deepEqual([...(await kept(app, "cat"))!.items.keys()], ["bob@example.net"]);
});

Deno.test("leftovers that Prosody passes over cost nobody a contact", async () => {
  await using app = await createTestApp();
  const { leftOut } = await bring(app, [
    of("ann", {
      "bob@example.net": {
        subscription: "both",
        ask: "subscribe",
        approved: true,
        groups: ["", "a\nb"],
        name: "B\tb",
      },
    }),
  ]);
  assert.deepEqual(leftOut, []);
  assert.deepEqual(
    (await kept(app, "ann"))?.items,
    new Map([
      ["bob@example.net", item({ subscription: "both", groups: ["a b"], name: "B b" })],
    ]),
  );
});

Deno.test("a user who cannot be read or named fails alone", async () => {
  await using app = await createTestApp();
  const { count, leftOut } = await bring(app, [
    { username: "broken", error: new Error("It is broken.") },
    of("Ann", {}),
    of("a b", {}),
    of("half", {}, { version: 1.5 }),
    of("ann", {}),
  ]);
  assert.deepEqual([count.imported, count.failed, count.users], [1, 4, 5]);
  assert.deepEqual(leftOut.map(({ user, contact }) => [user, contact]), [
    ["broken", undefined],
    ["Ann", undefined],
    ["a b", undefined],
    ["half", undefined],
  ]);
  assert.equal(leftOut[0]?.reason, "It is broken.");
});

Deno.test("a dry run says the same and changes nothing", async () => {
  await using app = await createTestApp();
  await bring(app, [of("ann", {})]);
  const incoming = [of("ann", {}), of("ben", { "bob@example.net": {}, "x y": {} }), of("C", {})];
  const dry = await bring(app, incoming, { dryRun: true });
  assert.deepEqual(await listRosters(app.database.db, host, "", 10), ["ann"]);
  assert.deepEqual(dry, await bring(app, incoming));
  assert.deepEqual(await listRosters(app.database.db, host, "", 10), ["ann", "ben"]);
});

Deno.test("an import that breaks off leaves whole rosters, and goes on when it is run again", async () => {
  await using app = await createTestApp();
  const items = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`c${i}@example.net`, {}]));
  const all = Array.from({ length: 10 }, (_, i) => of(`user${i}`, items));
  const breaking = async function* () {
    yield* all.slice(0, 8);
    throw new Error("The disk is gone.");
  };
  await assert.rejects(app.services.rosterTransfer.import(host, breaking()), /The disk is gone/);
  const there = await listRosters(app.database.db, host, "", 100);
  assert.deepEqual(there, ["user0", "user1", "user2", "user3", "user4", "user5"]);
  const { count } = await bring(app, all);
  assert.deepEqual([count.imported, count.kept], [4, 6]);
  for (let i = 0; i < 10; i++) assert.equal((await kept(app, `user${i}`))?.items.size, 700);
});

Deno.test("a batch is on disk before the next is read, and other processes can write in between", async () => {
  await using app = await createTestApp();
  const items = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`c${i}@example.net`, {}]));
  const other = await openDatabase(`${app.dir}/couplet.db`);
  try {
    const source = async function* () {
      yield of("ann", items);
      assert.equal((await findRoster(other.db, host, "ann"))?.items.size, 2_000);
      await other.write((db) => insertRoster(db, host, "between"));
      yield of("between", items);
    };
    const { imported, kept } = await app.services.rosterTransfer.import(host, source());
    assert.deepEqual([imported, kept], [1, 1]);
  } finally {
    await other.close();
  }
});

Deno.test("one who stands there twice comes in once, and replacing, the last time counts", async () => {
  await using app = await createTestApp();
  const twice = [of("ann", { "a@example.net": {} }), of("ann", { "b@example.net": {} })];
  assert.deepEqual((await bring(app, twice)).count, {
    ...{ users: 2, imported: 1, kept: 1, failed: 0, contacts: 1, left_out: 0 },
  });
  assert.deepEqual([...(await kept(app, "ann"))!.items.keys()], ["a@example.net"]);
  await bring(app, twice, { replace: true });
  assert.deepEqual([...(await kept(app, "ann"))!.items.keys()], ["b@example.net"]);
});

Deno.test("where the web app decides, and on hosts of others, nothing comes in", async () => {
  await using app = await createTestApp({
    toml: '[rosters]\npolicy = "upstream"\nhttp_roster_url = "http://127.0.0.1:9/%s"\n',
  });
  await assert.rejects(bring(app, [of("ann", {})]), { code: "kept-elsewhere" });
  const { rosterTransfer } = app.services;
  await assert.rejects(rosterTransfer.import("example.com", each()), { code: "unknown-host" });
  await assert.rejects(rosterTransfer.export("example.com").next(), { code: "unknown-host" });
});

Deno.test("lines are read however they are cut, and a wrong one is told by its number", async () => {
  const roster = {
    id: 1,
    version: 5,
    items: new Map(),
    pending: new Map([["eve@example.net", true as const]]),
  };
  const text = exportLine("jürgen", roster) + "\n{\n[]\n" +
    '{"user":"x"}\n{"user":"y","roster":{},"more":1}\n' +
    exportLine("zoe", roster).trimEnd();
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 7, bytes.length]) {
    const chunks = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.subarray(i * size, (i + 1) * size),
    );
    const read = await Array.fromAsync(readExport(each(...chunks)));
    assert.deepEqual(
      read.map((one) => "error" in one ? [one.username, one.error.message.slice(0, 15)] : one.username),
      [
        "jürgen",
        ["line 3", "This is not JSO"],
        ["line 4", "A line is an ob"],
        ["x", "A roster and it"],
        ["y", 'The member "mor'],
        "zoe",
      ],
    );
    const [first] = read;
    assert.ok(first && "roster" in first);
    assert.deepEqual(first.roster, { version: 5, items: new Map(), pending: roster.pending });
  }
});

Deno.test("a line of more than 64 MB is told and passed over", async () => {
  const chunk = new Uint8Array(1 << 20).fill(0x20);
  const end = new TextEncoder().encode('\n{"user":"ann","roster":{}}\n');
  const read = await Array.fromAsync(readExport(each(...Array(65).fill(chunk), end)));
  assert.deepEqual(read.map(({ username }) => username), ["line 1", "ann"]);
  assert.ok(read[0] && "error" in read[0] && /64 MB/.test(read[0].error.message));
});

Deno.test("a version without room to count on begins at 1 again: nobody's roster is lost, and it is told", async () => {
  await using app = await createTestApp();
  const bob = { "bob@example.net": { subscription: "none" } };
  const { count, leftOut } = await bring(app, [
    ...[of("ann", bob, { version: 2 ** 40 }), of("ben", bob, { version: 2 ** 40 + 1 })],
    ...[of("cat", bob, { version: Number.MAX_SAFE_INTEGER }), of("dan", bob, { version: 1e300 })],
    ...[
      of("eve", bob, { version: Infinity }),
      of("fay", bob, { version: -1 }),
      of("gus", bob, { version: 0.5 }),
    ],
  ]);
  assert.deepEqual([count.imported, count.failed, count.left_out], [4, 3, 0]);
  const versions = await Promise.all(["ann", "ben", "cat", "dan"].map((user) => kept(app, user)));
  assert.deepEqual(versions.map((roster) => roster?.version), [2 ** 40, 1, 1, 1]);
  const told = leftOut.filter(({ version }) => version !== undefined);
  assert.deepEqual(told.map(({ user }) => user), ["ben", "cat", "dan"]);
  assert.equal(
    told[0]!.reason,
    "The version 1099511627777 leaves no room to count on: this roster begins at 1 again.",
  );
});

Deno.test("what is no export is refused once; a few damaged lines are told", async () => {
  const read = (text: string) =>
    Array.fromAsync(requireExport(readExport(each(new TextEncoder().encode(text)))));
  for (
    const text of ["root:x:0:0:root\n", "a\n\nb\nc\nd\n", "{\n}\n", "[]\n", 'return {\n\t["a"] = 1;\n};\n']
  ) {
    await assert.rejects(read(text), /^Problem: it is no export of rosters/, text);
  }
  const ann = '{"user":"ann","roster":{}}\n';
  assert.deepEqual((await read(`x\ny\n${ann}z\n`)).map(({ username }) => username), [
    ...["line 1", "line 2", "ann", "line 4"],
  ]);
  assert.deepEqual(await read(""), []);
});

Deno.test("what waits for a commit is bounded by its bytes too", async () => {
  await using app = await createTestApp();
  const progress: number[] = [];
  const source = each(...["a", "b", "c", "d", "e"].map((user) => ({ ...of(user, {}), size: 2_500_000 })));
  await app.services.rosterTransfer.import(host, source, { onProgress: ({ users }) => progress.push(users) });
  assert.deepEqual(progress, [2, 4, 5]);
});
