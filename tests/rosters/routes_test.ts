import assert from "node:assert/strict";
import { contact, createRosterApp } from "./rig.ts";

const john = "/v1/rosters/john";
const marie = "marie@example.org";
const aaron = "aaron@example.org";

Deno.test("PUT makes the roster exactly what it says and reports the differences; GET shows it", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const empty = await call("GET", john);
  assert.deepEqual([empty.status, empty.body, empty.headers.get("etag")], [200, {}, '"0"']);
  const first = await call("PUT", john, { [marie]: { name: "Marie", groups: ["b", "a", "b"] }, [aaron]: {} });
  assert.equal(first.status, 200);
  assert.deepEqual(first.body, { user: "john", version: 2, added: [marie, aaron], changed: [], removed: [] });
  assert.equal(first.headers.get("etag"), '"2"');
  assert.deepEqual(await roster(), { [marie]: contact("Marie", ["a", "b"]), [aaron]: contact() });
  const second = await call("PUT", john, { [marie]: { name: "Mary", groups: ["a", "b"] } });
  assert.deepEqual(second.body, { user: "john", version: 4, added: [], changed: [marie], removed: [aaron] });
  assert.deepEqual(await roster(), { [marie]: contact("Mary", ["a", "b"]) });
  assert.deepEqual(await roster("marie"), {}, "this user's side alone");
});

Deno.test("PATCH changes the members that it names, and null takes a contact out", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  await call("PUT", john, { [marie]: { name: "Marie", groups: ["a"] }, [aaron]: {} });
  const patched = await call("PATCH", john, {
    [marie]: { name: null, subscription: "to" },
    [aaron]: null,
    "new@example.org": { name: "New", groups: null },
  }, { "content-type": "application/merge-patch+json" });
  assert.equal(patched.status, 200);
  const { version, added, changed, removed } = patched.body;
  assert.deepEqual([version, added, changed, removed], [5, ["new@example.org"], [marie], [aaron]]);
  assert.deepEqual(await roster(), {
    [marie]: contact(undefined, ["a"], "to"),
    "new@example.org": contact("New"),
  });
});

Deno.test("a roster with the version that the asker has is 304, and any other tag is answered", async () => {
  await using rig = await createRosterApp();
  const { call } = rig;
  await call("PUT", john, { [marie]: {} });
  for (const path of [john, `${john}/${marie}`]) {
    for (const tag of ['"1"', 'W/"1"', '"7", "1"', "*"]) {
      const same = await call("GET", path, undefined, { "if-none-match": tag });
      assert.deepEqual([same.status, same.body, same.headers.get("etag")], [304, undefined, '"1"'], tag);
    }
    for (const tag of ['"0"', "1", "nonsense", ""]) {
      assert.equal((await call("GET", path, undefined, { "if-none-match": tag })).status, 200, tag);
    }
  }
});

Deno.test("If-Match: other versions, weak and foreign tags are 412, what is no tag is 400, and nothing changes", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const put = async (tag: string) => (await call("PUT", john, { [aaron]: {} }, { "if-match": tag })).status;
  assert.equal(await put("*"), 412, "there is no roster yet");
  assert.equal((await call("PUT", john, { [marie]: {} }, { "if-match": '"0"' })).status, 200);
  const before = await roster();
  for (const tag of ['"0"', '"2"', 'W/"1"', '"*"', '"x"', '"0", "2"', '""', '"01"']) {
    assert.equal(await put(tag), 412, tag);
  }
  for (const tag of ["1", "", '"1', '"1" "2"', '"1",', "W/1", "*, *"]) assert.equal(await put(tag), 400, tag);
  for (const [method, json] of [["PUT", {}], ["PATCH", { name: "x" }], ["DELETE", undefined]] as const) {
    const stale = await call(method, `${john}/${marie}`, json, { "if-match": '"0"' });
    assert.deepEqual(
      [stale.status, stale.body.type],
      [412, "urn:couplet:problem:precondition-failed"],
      method,
    );
  }
  assert.deepEqual(await roster(), before);
  assert.equal(await put('"0", "1"'), 200);
  assert.equal(await put("*"), 200);
});

Deno.test("a dry run reports the same and changes nothing", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  await call("PUT", john, { [marie]: { name: "Marie" } });
  const before = await roster();
  for (
    const [method, path, json] of [
      ["PUT", john, { [aaron]: {} }],
      ["PATCH", john, { [marie]: { name: "Mary" }, [aaron]: {} }],
      ["PUT", `${john}/${aaron}`, { name: "Aaron" }],
      ["PATCH", `${john}/${marie}`, { groups: ["x"] }],
      ["DELETE", `${john}/${marie}`, undefined],
    ] as const
  ) {
    const dry = await call(method, `${path}?dry_run=true`, json);
    assert.deepEqual([dry.status, dry.body.dry_run, dry.headers.get("etag")], [200, true, null], path);
    assert.deepEqual(await roster(), before);
    const wet = await call(method, path, json);
    if (wet.status !== 204) assert.deepEqual({ ...wet.body, dry_run: true }, dry.body, path);
    await call("PUT", john, before);
    const { version } = (await call("PATCH", john, {})).body;
    assert.ok(version > dry.body.version, "the dry run took no version");
  }
  assert.equal((await call("PUT", `${john}?dry_run=yes`, {})).status, 422);
  assert.equal((await call("PUT", `${john}?dryrun=true`, {})).status, 422, "a misspelt option must be heard");
  assert.deepEqual(await roster(), before);
});

Deno.test("one contact is put, shown, patched and deleted by its JID", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const path = `${john}/${marie}`;
  assert.equal((await call("GET", path)).status, 404);
  assert.equal((await call("DELETE", path)).status, 404);
  const made = await call("PUT", path, { name: "Marie", groups: ["a"] });
  assert.deepEqual([made.status, made.body.added, made.headers.get("etag")], [201, [marie], '"1"']);
  const shown = await call("GET", `${john}/Marie%40EXAMPLE.org`);
  assert.deepEqual([shown.status, shown.body, shown.headers.get("etag")], [
    200,
    contact("Marie", ["a"]),
    '"1"',
  ]);
  const patched = await call("PATCH", path, { name: "Mary" });
  assert.deepEqual([patched.status, patched.body.changed], [200, [marie]]);
  assert.deepEqual(await roster(), { [marie]: contact("Mary", ["a"]) });
  const replaced = await call("PUT", path, {});
  assert.deepEqual([replaced.status, replaced.body.changed], [200, [marie]]);
  assert.deepEqual(await roster(), { [marie]: contact() }, "replaced whole");
  assert.equal((await call("PATCH", `${john}/${aaron}`, { name: "Aaron" })).status, 201);
  const gone = await call("DELETE", path);
  assert.deepEqual([gone.status, gone.body, gone.headers.get("etag")], [204, undefined, '"5"']);
  assert.deepEqual(await roster(), { [aaron]: contact("Aaron") });
  for (const [method, body] of [["PUT", null], ["PATCH", null], ["PUT", []], ["PATCH", []]] as const) {
    const answer = await call(method, `${john}/${aaron}`, body);
    assert.equal(answer.status, 422, `${method} ${JSON.stringify(body)}`);
  }
  assert.deepEqual(await roster(), { [aaron]: contact("Aaron") });
});

Deno.test("names in addresses are percent-decoded and mean what Prosody would compare", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  assert.equal((await call("PUT", "/v1/rosters/J%C3%96HN", { "müller@example.org": {} })).body.user, "jöhn");
  assert.deepEqual(await roster("j%C3%B6hn"), { "müller@example.org": contact() });
  assert.equal((await call("GET", "/v1/rosters/jöhn/M%C3%9CLLER@example.org")).status, 200);
  for (const name of ["a%2Fb", "a%40b", "%20", "a%00b", "a%E2%80%AEb", "x".repeat(1024)]) {
    const answer = await call("PUT", `/v1/rosters/${name}`, {});
    assert.deepEqual([answer.status, answer.body.type], [404, "urn:couplet:problem:not-found"], name);
  }
});

Deno.test("of two writers who read the same version exactly one wins, and the other is told", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const { headers } = await call("PUT", john, { [marie]: {} });
  const tag = { "if-match": headers.get("etag") ?? "" };
  const writers = await Promise.all(
    ["One", "Two", "Three"].map((name) => call("PUT", john, { [marie]: { name } }, tag)),
  );
  assert.deepEqual(writers.map(({ status }) => status).sort(), [200, 412, 412]);
  const winner = writers.findIndex(({ status }) => status === 200);
  assert.deepEqual(await roster(), { [marie]: contact(["One", "Two", "Three"][winner]) });
});

Deno.test("of fifty who patch different contacts at the same time none is lost or refused", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const jids = Array.from({ length: 50 }, (_, i) => `friend${i}@example.org`);
  const answers = await Promise.all(jids.map((jid) => call("PATCH", john, { [jid]: { name: jid } })));
  assert.deepEqual(answers.map(({ status, body }) => [status, body.added]), jids.map((jid) => [200, [jid]]));
  assert.equal(new Set(answers.map(({ body }) => body.version)).size, 50);
  assert.deepEqual(await roster(), Object.fromEntries(jids.map((jid) => [jid, contact(jid)])));
});

Deno.test("contacts elsewhere are asked: they stand as none, ask and approved until they answer", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const friend = "friend@far.example";
  await call("PUT", john, { [friend]: { name: "Friend" }, "fan@far.example": { subscription: "from" } });
  const asked = { name: "Friend", groups: [], subscription: "none", ask: "subscribe", approved: true };
  assert.deepEqual(await roster(), {
    [friend]: asked,
    "fan@far.example": { groups: [], subscription: "none", approved: true },
  });
  const again = await call("PUT", john, {
    [friend]: { name: "Friend" },
    "fan@far.example": { subscription: "from" },
  });
  assert.deepEqual([again.body.changed, again.body.version], [[], 2], "asking twice is no change");
  const same = await call("PUT", john, await roster());
  assert.deepEqual([same.body.changed, same.body.version], [[], 2], "what GET says can be PUT");
  await call("PATCH", `${john}/${friend}`, { name: "Buddy" });
  assert.deepEqual((await roster())[friend], { ...asked, name: "Buddy" });
});

Deno.test("the same username on two hosts is two users", async () => {
  await using rig = await createRosterApp();
  const { app, call, roster } = rig;
  const key = await app.key({ scopes: ["rosters:read", "rosters:write"], host: "example.net" });
  await call("PUT", john, { [marie]: {} });
  const other = await app.fetch("http://example.net/v1/rosters/john", { key });
  assert.deepEqual(await other.json(), {});
  const put = await app.fetch("http://example.net/v1/rosters/john", {
    ...{ method: "PUT", key },
    json: { [marie]: { name: "from the other host" } },
  });
  assert.equal(put.status, 200);
  assert.deepEqual(await roster(), { [marie]: contact() });
});

Deno.test("where the web app decides, rosters can be read and every write is kept-elsewhere", async () => {
  const toml = '[rosters]\npolicy = "upstream"\nhttp_roster_url = "http://127.0.0.1:1/%s"';
  await using rig = await createRosterApp({ toml });
  const { call, roster } = rig;
  const pairs = { add: [{ users: ["john", "marie"] }] };
  for (
    const [method, path, json] of [
      ["PUT", john, { [marie]: {} }],
      ["PATCH", john, { [marie]: {} }],
      ["PUT", `${john}/${marie}`, {}],
      ["PATCH", `${john}/${marie}`, {}],
      ["DELETE", `${john}/${marie}`, undefined],
      ["POST", "/v1/roster_pairs", pairs],
      ["POST", "/v1/rosters", {}],
    ] as const
  ) {
    const { status, body } = await call(method, path, json);
    assert.deepEqual([status, body.type], [409, "urn:couplet:problem:kept-elsewhere"], `${method} ${path}`);
  }
  assert.deepEqual(await roster(), {});
});

Deno.test("If-None-Match: * writes only what is not there yet", async () => {
  await using rig = await createRosterApp();
  const put = (tag: string) =>
    rig.call("PUT", "/v1/rosters/john", { "marie@example.org": {} }, { "if-none-match": tag });
  assert.equal((await put('"1"')).status, 400);
  assert.equal((await put("*")).status, 200);
  assert.equal((await put("*")).status, 412);
  assert.equal((await put("*")).body.type, "urn:couplet:problem:precondition-failed");
});

Deno.test("a bare name is no contact: a forgotten host must not become a server", async () => {
  await using rig = await createRosterApp();
  const { status, body } = await rig.call("PUT", "/v1/rosters/john", { marie: {} });
  assert.equal(status, 422);
  assert.match(body.detail, /marie: This names no account/);
  assert.equal((await rig.call("PUT", "/v1/rosters/john", { "gateway.example.net": {} })).status, 200);
});
