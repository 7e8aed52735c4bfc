import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { control, createTestApp, type TestApp } from "../harness.ts";
import { host, invite, join, make, me, reserve, treeOf } from "./rig.ts";

/** ann: invited by old, has invited bob, has made and used invites, has a roster and a quota. */
async function story(app: TestApp) {
  await invite(app, "old", "ann");
  await invite(app, "ann", "bob");
  await join(app, await make(app, undefined, { contact: "ann", register: true }), "carol");
  await invite(app, "bob", "dave");
  const pending = [await make(app, "ann"), await make(app, undefined, { contact: "ann" })];
  pending.push(await make(app, undefined, { reset: "ann" }));
  await join(app, await make(app, undefined, { username: "ann2" }), "ann2");
  const roster = { "bob@example.org": { subscription: "both", name: "Bob" } };
  await app.services.rosters.put({ ...me, limits: {} }, "ann", roster);
  return pending;
}

/** Where a word stands in the tables, but for the contacts of others. */
function placesOf(app: TestApp, word: string): string[] {
  const file = new DatabaseSync(`${app.dir}/couplet.db`, { readOnly: true });
  const tables = file.prepare("select name from sqlite_schema where type = 'table'").all();
  const places = tables.map(({ name }) => String(name)).filter((name) => !/^(sqlite_|roster_push)/.test(name))
    .flatMap((name) =>
      file.prepare(`select * from ${name}`).all().flatMap((row) =>
        Object.entries(row).filter(([, value]) => new RegExp(`\\b${word}\\b`).test(String(value)))
          .map(([column]) => `${name}.${column}`)
      )
    );
  file.close();
  return [...new Set(places)].sort();
}

Deno.test("an export holds all that is kept about a user, and no link", async () => {
  await using app = await createTestApp();
  const pending = await story(app);
  const key = await app.key({ scopes: ["people:read"] });
  const answer = await app.fetch("/v1/people/Ann/export", { key });
  assert.equal(answer.status, 200);
  const text = await answer.text();
  for (const token of pending) assert.ok(!text.includes(token));
  const { held, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, { user: "ann", host, exported_at: "2026-01-01T00:00:00.000Z" });
  assert.deepEqual(Object.keys(held), ["invites", "invite_tree", "roster"]);
  assert.equal(held.invites.invites.length, 5);
  assert.equal(held.invites.invites.filter(({ made }: { made: boolean }) => made).length, 2);
  assert.equal(held.invites.used.length, 1);
  assert.equal(held.invite_tree.invited_by, "old");
  assert.deepEqual(held.invite_tree.invited.map(({ user }: { user: string }) => user), ["bob", "carol"]);
  assert.deepEqual(held.invite_tree.invites_made, { count: 2, since: "2026-01-01T00:00:00.000Z" });
  assert.equal(held.roster.contacts["bob@example.org"].name, "Bob");
  assert.deepEqual((await (await app.fetch("/v1/people/nobody/export", { key })).json()).held, {});
});

for (const way of ["DELETE", "purge"]) {
  Deno.test(`${way} takes a user's name out of all that is kept, and leaves what others need`, async () => {
    await using app = await createTestApp();
    const pending = await story(app);
    assert.ok(placesOf(app, "ann").length > 5, placesOf(app, "ann").join());
    if (way === "purge") {
      await app.iq("set", `ann@${host}`, control("purge"));
    } else {
      const key = await app.key({ scopes: ["people:erase"] });
      assert.equal((await app.fetch("/v1/people/ann", { method: "DELETE", key })).status, 204);
      assert.equal((await app.fetch("/v1/people/ann", { method: "DELETE", key })).status, 204);
    }
    assert.deepEqual(placesOf(app, "ann"), []);
    assert.equal(await treeOf(app), "old(-(bob(dave) carol)) ann2");
    for (const token of pending) {
      const { state, ...shown } = await app.services.invites.show(me, token);
      assert.equal(state, "revoked");
      assert.ok(!JSON.stringify(shown).includes("ann"), JSON.stringify(shown));
    }
    const { people } = await app.services.people.tree(me, "bob");
    assert.deepEqual([people[0]?.invited_by, people[0]?.user], ["erased", "bob"]);
    const all = (await app.services.invites.list(me, { limit: 50 })).invites;
    assert.equal(all.filter(({ state }) => state === "used").length, 5);
  });
}

Deno.test("a name that is about to be somebody's keeps the use that is held for it, and its invite", async () => {
  let exists = false;
  await using app = await createTestApp({ prosody: { userExists: () => Promise.resolve(exists) } });
  const token = await make(app, undefined, { username: "ann" });
  assert.equal(await reserve(app, token, "ann"), undefined);
  await app.iq("set", `ann@${host}`, control("purge"));
  await app.iq("set", `ann@${host}`, control("purge"));
  assert.equal(await reserve(app, await make(app), "ann"), "conflict");
  exists = true; // and Prosody dies before it says so
  app.advance(50_000);
  await app.services.redemption.sweep();
  assert.equal(await treeOf(app), "ann");
  const { redeemed_by } = await app.services.invites.show(me, token);
  assert.deepEqual(redeemed_by.map(({ jid }) => jid), ["ann@example.org"]);
});

Deno.test("a name that begins like another's is not erased with it", async () => {
  await using app = await createTestApp();
  await invite(app, "ann", "anna");
  await app.iq("set", `ann@${host}`, control("purge"));
  assert.equal(await treeOf(app), "-(anna)");
});

Deno.test("what is older than the retention time is deleted in pieces, and nothing younger", async () => {
  await using app = await createTestApp({
    toml: 'people = { retention = "2d" }\ninvites = { velocity = "1/1h" }',
  });
  for (let i = 0; i < 2; i++) await invite(app, "ann", `a${i}`);
  const old = Array.from({ length: 1_200 }, (_, i) => ({
    ...{ host, username: `o${i}`, source: "cli", created_at: 1, parent_id: null },
  }));
  for (let at = 0; at < old.length; at += 400) {
    await app.database.db.insertInto("person").values(old.slice(at, at + 400)).execute();
  }
  await app.services.people.sweep();
  assert.equal(await treeOf(app), "ann(a0 a1)");
  app.advance(8 * 86_400_000);
  await app.services.people.sweep();
  for (const table of ["person", "quota_use", "velocity_alarm"] as const) {
    assert.deepEqual(await app.database.db.selectFrom(table).selectAll().execute(), [], table);
  }
});

Deno.test("Prosody is told of a roster that was erased while the account lives on", async () => {
  const told: string[] = [];
  await using app = await createTestApp({
    prosody: {
      isLinked: () => true,
      pushRoster: (_, user, { items }) => Promise.resolve(told.push(`${user} ${items.length}`) > 0),
    },
  });
  await app.services.rosters.put(me, "ann", { "bob@example.org": {} });
  await app.services.pushes.settled();
  const key = await app.key({ scopes: ["people:erase"] });
  for (let i = 0; i < 2; i++) {
    assert.equal((await app.fetch("/v1/people/ann", { method: "DELETE", key })).status, 204);
  }
  await app.services.pushes.settled();
  assert.deepEqual(told, ["ann 1", "ann 0"]);
});
