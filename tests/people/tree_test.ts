import assert from "node:assert/strict";
import { control, createTestApp } from "../harness.ts";
import { commit, host, invite, join, make, me, reserve, shape, toldBy, treeOf } from "./rig.ts";

Deno.test("who made an invite and who has used it stand in a tree, however they were made", async () => {
  await using app = await createTestApp();
  await invite(app, undefined, "ann");
  await invite(app, "ann", "bob");
  await join(app, await make(app, undefined, { contact: "bob", register: true }), "carol");
  const token = "abcdefghijklmnopqrstuvwx";
  const data = { source: "carol@example.org/phone" };
  const attrs = { token, type: "register", jid: host, created_at: "1767225600", expires: "1767830400" };
  await app.iq(
    "set",
    host,
    control("invite", { ...attrs, allow_registration: "true" }, JSON.stringify(data)),
  );
  await join(app, token, "dave");
  await invite(app, "old", "eve");
  const key = await app.key({ scopes: ["invites:create", "people:read"] });
  const made = await (await app.fetch("/v1/invites", { method: "POST", key, json: {} })).json();
  await join(app, made.token, "finn");

  assert.equal(await treeOf(app), "ann(bob(carol(dave))) old(eve) finn");
  const { people } = await (await app.fetch("/v1/invite_tree", { key })).json();
  assert.deepEqual(people.map((one: { invited_by: unknown }) => one.invited_by), [
    "cli",
    null,
    `api/token/${key.split("/")[0]}`,
  ]);
  assert.deepEqual(people[2], {
    user: "finn",
    invited_by: `api/token/${key.split("/")[0]}`,
    invite: made.id,
    joined_at: "2026-01-01T00:00:00.000Z",
    invited: 0,
    people: [],
  });
  assert.equal(people[0].people[0].invited_by, "ann@example.org");
  const below = await (await app.fetch("/v1/invite_tree/CAROL", { key })).json();
  assert.equal(shape(below.people), "carol(dave)");
  assert.equal(below.people[0].invited_by, "bob@example.org");
});

Deno.test("the tree outlives the invites, and resets and new contacts are not in it", async () => {
  await using app = await createTestApp({ toml: 'invites = { retention = "1d" }' });
  await invite(app, undefined, "ann");
  await invite(app, "ann", "bob");
  const reset = await make(app, undefined, { reset: "bob" });
  await app.iq("set", `bob@${host}`, control("reserve", { token: reset, claim: "r", exists: "true" }));
  await app.iq("set", `bob@${host}`, control("commit", { token: reset, claim: "r" }));
  const contact = await make(app, undefined, { contact: "ann" });
  const by = { token: contact, claim: "c", contact: "zoe@example.com" };
  await app.iq("set", `ann@${host}`, control("reserve", by));
  await app.iq("set", `ann@${host}`, control("commit", by));
  app.advance(30 * 86_400_000);
  await app.services.redemption.sweep();
  assert.equal((await app.services.invites.list(me, { limit: 10 })).invites.length, 0);
  assert.equal(await treeOf(app), "ann(bob)");
});

Deno.test("a use that Prosody died over before saying so is in the tree as well, and counted once", async () => {
  const told: string[] = [];
  await using app = await createTestApp({
    prosody: {
      userExists: (_, name) => Promise.resolve(name === "ann" || name === "bob"),
      tell: (_, to, text) => Promise.resolve(told.push(`${to}: ${text}`) > 0),
    },
  });
  const token = await make(app, "ann");
  assert.equal(await reserve(app, token, "bob"), undefined);
  app.advance(50_000);
  await app.services.redemption.sweep();
  await app.services.redemption.sweep();
  assert.equal(await treeOf(app), "ann(bob)");
  assert.deepEqual(told, ["ann@example.org: bob@example.org has joined example.org with your invite."]);
  assert.equal(
    toldBy(await commit(app, token, "bob")),
    undefined,
    "Prosody, which lives after all, tells nobody again",
  );
});

Deno.test("a long tree comes in pages, a wide and a deep one say where there is more", async () => {
  await using app = await createTestApp({ toml: 'invites = { user_quota = "none" }' });
  const key = await app.key({ scopes: ["people:read"] });
  const ask = async (path: string) => await (await app.fetch(path, { key })).json();
  for (let i = 0; i < 5; i++) await invite(app, undefined, `root${i}`);
  for (let i = 0; i < 5; i++) await invite(app, "root1", `a${i}`);
  await invite(app, "a0", "deep");
  const pages: string[] = [];
  for (let path = "/v1/invite_tree?limit=2&depth=1"; path;) {
    const page = await ask(path);
    pages.push(shape(page.people));
    path = page.next;
  }
  assert.deepEqual(pages, ["root0 root1+", "root2 root3", "root4"]);
  const first = await ask("/v1/invite_tree/root1?limit=3&depth=1");
  assert.equal(shape(first.people), "root1(a0+ a1 a2)");
  assert.equal(first.people[0].invited, 5);
  assert.equal(shape((await ask(first.next)).people), "root1(a3 a4)");
  const unknown = await app.fetch("/v1/invite_tree/nobody", { key });
  assert.equal(unknown.status, 404);
});

Deno.test("of a large tree no more than a thousand people are shown at once, level by level", async () => {
  await using app = await createTestApp();
  const rows = Array.from({ length: 3_000 }, (_, i) => ({
    ...{ id: i + 1, host, username: `u${i}`, created_at: 1 },
    ...{ parent_id: i === 0 ? null : Math.floor((i - 1) / 10) + 1, source: i === 0 ? "cli" : null },
  }));
  for (let at = 0; at < rows.length; at += 500) {
    await app.database.db.insertInto("person").values(rows.slice(at, at + 500)).execute();
  }
  const { people } = await app.services.people.tree(me, undefined, { depth: 50 });
  const text = shape(people);
  assert.ok(text.match(/u\d+/g)!.length <= 1_001, `${text.match(/u\d+/g)!.length}`);
  assert.match(text, /^u0\(u1\(/);
  assert.match(text, /u1000\) u100\+\) u10\(/, "the hundredth has invited people who are not shown");
});

Deno.test("who joins under the name of somebody who is gone is somebody else", async () => {
  await using app = await createTestApp();
  await invite(app, undefined, "ann");
  await invite(app, "ann", "bob");
  const change = (name: string, action: "freeze" | "thaw") =>
    app.services.people.changeBranch(me, name, action);
  await change("ann", "freeze");
  await invite(app, undefined, "ann");
  assert.equal(await treeOf(app), "-(bob) ann");
  await make(app, "ann");
  await assert.rejects(make(app, "bob"), { code: "not-allowed" });
  await change("bob", "thaw");
  await make(app, "bob");
});

Deno.test("one host knows nothing of the people of another", async () => {
  await using app = await createTestApp();
  await invite(app, undefined, "ann");
  const key = await app.key({
    host: "example.net",
    scopes: ["people:read", "invites:revoke", "people:erase"],
  });
  const ask = (path: string, method = "GET") => app.fetch(`http://example.net/v1${path}`, { key, method });
  assert.deepEqual(await (await ask("/invite_tree")).json(), { people: [] });
  assert.equal((await ask("/invite_tree/ann")).status, 404);
  assert.deepEqual((await (await ask("/people/ann/export")).json()).held, {});
  assert.equal(
    (await ask("/invite_tree/ann/freeze", "POST")).status,
    200,
    "nobody says that she is not there",
  );
  assert.equal((await ask("/people/ann", "DELETE")).status, 204);
  assert.equal(await treeOf(app), "ann");
  await invite(app, "ann", "bob");
});
