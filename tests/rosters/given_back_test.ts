import assert from "node:assert/strict";
import fc from "fast-check";
import { xml } from "../../src/channel/stanza.ts";
import { conditionOf, control } from "../harness.ts";
import { createRosterApp, type RosterApp } from "./rig.ts";

const owner = "john@example.org";

/** What Prosody, or what a module of it keeps as a contact: its driver asks us for no more than text. */
const odd = fc.constantFrom(
  "[::1]",
  "john@[::1]",
  "ann@[2001:db8::1]",
  "127.0.0.1",
  "localhost",
  "__array",
  "__proto__",
  "constructor",
  "false",
  "1",
  "ann@under_score.example",
  "a b@example.org",
  "a@b@c",
  "@",
  "@example.org",
  "Ann@Example.ORG",
  "ann@example.org",
  "ann@example.org/phone",
  "example.net/x/y",
  "ann@example.org.",
  "ß@bücher.example",
  "a~1b",
  "~/~0",
  "%2F",
  "?",
  "#",
  owner,
  "JOHN@example.org",
);
const any = fc.string({ minLength: 1, maxLength: 12, unit: "binary" });
const part = fc.string({ minLength: 1, maxLength: 5, unit: "grapheme" });
const jid = fc.oneof(odd, any, fc.tuple(part, part).map(([local, domain]) => `${local}@${domain}`));
const stored = fc.record({
  subscription: fc.constantFrom("none", "to", "from", "both"),
  ask: fc.constantFrom("subscribe", undefined),
  approved: fc.constantFrom("true", undefined),
  name: fc.option(fc.string({ maxLength: 8, unit: "binary" }), { nil: undefined }),
  groups: fc.uniqueArray(part, { maxLength: 3 }),
});
const contacts = fc.uniqueArray(fc.tuple(jid, stored), { maxLength: 8, selector: ([jid]) => jid });

/** Prosody's driver keeps these for somebody; answers those that it could. */
async function keep(rig: RosterApp, user: string, items: [string, unknown][], pending = {}) {
  const kept: string[] = [];
  for (const [jid, item] of items) {
    const version = String(kept.length + 1);
    const delta = JSON.stringify({ items: [[jid, item]], pending });
    const reply = await rig.app.iq("set", `${user}@example.org`, control("roster", { version }, delta));
    if (conditionOf(reply) === undefined) kept.push(jid);
  }
  return kept;
}

Deno.test("whatever Prosody keeps, what GET shows can be PUT, and changes nothing", async () => {
  await using rig = await createRosterApp();
  let [users, most] = [0, 0];
  await fc.assert(
    fc.asyncProperty(contacts, async (items) => {
      const user = users === 0 ? "john" : `john${users}`;
      users++;
      const kept = await keep(rig, user, items, { "[::1]": true, "eve@example.net": true });
      most = Math.max(most, kept.length);
      const before = await rig.call("GET", `/v1/rosters/${user}`);
      assert.deepEqual(Object.keys(before.body).sort(), kept.toSorted());
      const nothing = { user, version: kept.length, added: [], changed: [], removed: [] };
      for (const method of ["PUT", "PATCH"]) {
        const { status, body } = await rig.call(method, `/v1/rosters/${user}`, before.body);
        assert.deepEqual([status, body], [200, nothing], method);
      }
      for (const jid of kept.filter((jid) => !/^\.\.?$/.test(jid))) { // which are steps in an address
        const path = `/v1/rosters/${user}/${encodeURIComponent(jid)}`;
        const one = await rig.call("GET", path);
        assert.deepEqual([one.status, one.body], [200, before.body[jid]]);
        const put = await rig.call("PUT", path, one.body);
        assert.deepEqual([put.status, put.body], [200, nothing], path);
      }
      assert.deepEqual(await rig.roster(user), before.body);
    }),
    { numRuns: 100 },
  );
  assert.ok(most >= 4, "hardly anything was kept");
});

Deno.test("an odd contact can be renamed and removed over HTTP and the socket, and no new one comes that way", async () => {
  await using rig = await createRosterApp();
  const item = { subscription: "none", groups: [] };
  const names = ["[::1]", "a b@example.org", "x/y", "Ann@Example.org", "localhost"];
  const kept = await keep(rig, "john", names.map((jid) => [jid, item]));
  assert.deepEqual(kept, names);
  const renamed = await rig.call("PATCH", "/v1/rosters/john", { "[::1]": { name: "Home" }, "x/y": null });
  assert.deepEqual([renamed.body.changed, renamed.body.removed], [["[::1]"], ["x/y"]]);
  const gone = await rig.call("DELETE", `/v1/rosters/john/${encodeURIComponent("a b@example.org")}`);
  assert.equal(gone.status, 204);
  const remove = xml(
    "query",
    { xmlns: "jabber:iq:roster" },
    xml("item", { jid: "localhost", subscription: "remove" }),
  );
  assert.equal(conditionOf(await rig.app.iq("set", owner, remove, {})), undefined);
  assert.deepEqual(Object.keys(await rig.roster()).sort(), ["Ann@Example.org", "[::1]"]);
  // The same text is what makes it the same contact.
  const both = await rig.call("PATCH", "/v1/rosters/john", {
    "ann@example.org": {},
    "Ann@Example.org": null,
  });
  assert.deepEqual([both.body.added, both.body.removed], [["ann@example.org"], ["Ann@Example.org"]]);
  for (const jid of ["x/y", "a b@example.org", "[::2]", "localhost"]) {
    const { status, body } = await rig.call("PATCH", "/v1/rosters/john", { [jid]: {} });
    assert.equal(status, 422, jid);
    assert.equal(body.errors.length, 1);
  }
});

Deno.test("a roster that is larger than is allowed by now can be given back and shrink, and not grow", async () => {
  await using rig = await createRosterApp({ toml: "[rosters]\nmax_items = 3" });
  const { services, database } = rig.app;
  assert.equal(services.config["rosters.max_items"], 3);
  const full = { "a@example.net": {}, "b@example.net": {}, "c@example.net": {} };
  assert.equal((await rig.call("PUT", "/v1/rosters/john", full)).status, 200);
  await database.write(async (db) => {
    const { id } = await db.selectFrom("roster").select("id").executeTakeFirstOrThrow();
    const row = await db.selectFrom("roster_item").selectAll().executeTakeFirstOrThrow();
    await db.insertInto("roster_item").values({ ...row, roster_id: id, jid: "d@example.net" }).execute();
  });
  const kept = await rig.roster();
  assert.equal(Object.keys(kept).length, 4);
  const same = await rig.call("PUT", "/v1/rosters/john", kept);
  assert.deepEqual([same.status, same.body.changed, same.body.removed], [200, [], []]);
  assert.equal((await rig.call("PUT", "/v1/rosters/john", { ...kept, "e@example.net": {} })).status, 422);
  delete kept["a@example.net"];
  assert.equal((await rig.call("PUT", "/v1/rosters/john", kept)).status, 200);
});
