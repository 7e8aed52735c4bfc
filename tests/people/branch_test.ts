import assert from "node:assert/strict";
import { control, createTestApp, type TestApp } from "../harness.ts";
import { commit, host, invite, join, make, me, reserve, treeOf, userOf } from "./rig.ts";

const day = 86_400_000;
const change = (app: TestApp, user: string, action: "freeze" | "thaw" | "revoke", dryRun = false) =>
  app.services.people.changeBranch(me, user, action, { dryRun });
const stateOf = async (app: TestApp, token: string) => (await app.services.invites.show(me, token)).state;

/** ann has invited bob, and bob carol; dave stands apart. */
async function family(app: TestApp) {
  for (const [by, name] of [[undefined, "ann"], ["ann", "bob"], ["bob", "carol"], [undefined, "dave"]]) {
    await invite(app, by, name!);
  }
}

Deno.test("nothing that a frozen user or anybody below invites to can be used, until they are thawed", async () => {
  await using app = await createTestApp();
  await family(app);
  const tokens = [
    await make(app, "ann"),
    await make(app, "carol"),
    await make(app, undefined, { contact: "bob", register: true }),
  ];
  const others = [await make(app, "dave"), await make(app)];
  assert.deepEqual(await change(app, "Ann", "freeze"), {
    ...{ user: "ann", action: "freeze", people: 3, invites: 3, changed: true },
  });
  for (const token of tokens) {
    assert.equal(await reserve(app, token, "eve"), "not-allowed");
    assert.equal(await stateOf(app, token), "paused");
    assert.equal((await app.fetch(`/invite/${token}`)).status, 403);
    const shown = await app.iq("get", host, control("invite", { token }));
    assert.deepEqual(shown.getChildElements(), [], "mod_invites is told that there is none");
  }
  for (const token of others) assert.equal(await stateOf(app, token), "pending");
  const paused = await app.services.invites.list(me, { state: "paused", limit: 10 });
  assert.deepEqual(paused.invites.map(({ token }) => token), [...tokens].reverse());
  for (const name of ["ann", "carol"]) {
    await assert.rejects(make(app, name), { code: "not-allowed", message: /invites are paused/ });
  }
  await make(app, "dave");

  assert.equal((await change(app, "ann", "freeze")).changed, false);
  await assert.rejects(change(app, "carol", "thaw"), { code: "conflict", message: /because ann is/ });
  assert.equal((await change(app, "ann", "thaw")).changed, true);
  assert.equal((await change(app, "ann", "thaw")).changed, false);
  for (const [i, token] of tokens.entries()) await join(app, token, `new${i}`);
  await make(app, "carol");
});

Deno.test("who is frozen for himself stays so when somebody above is thawed", async () => {
  await using app = await createTestApp();
  await family(app);
  const [anns, bobs] = [await make(app, "ann"), await make(app, "carol")];
  await change(app, "bob", "freeze");
  assert.equal(await stateOf(app, anns), "pending");
  await change(app, "ann", "freeze");
  await change(app, "ann", "thaw");
  assert.deepEqual([await stateOf(app, anns), await stateOf(app, bobs)], ["pending", "paused"]);
});

Deno.test("a use that was held when its inviter was frozen is counted, and who has joined is frozen too", async () => {
  await using app = await createTestApp();
  await family(app);
  const token = await make(app, "ann");
  assert.equal(await reserve(app, token, "late"), undefined);
  await change(app, "ann", "freeze");
  await commit(app, token, "late");
  assert.equal(await treeOf(app, "ann"), "ann(bob(carol) late)");
  await assert.rejects(make(app, "late"), { code: "not-allowed" });
});

Deno.test("revoking a branch withdraws what is pending of it, and touches nothing else", async () => {
  await using app = await createTestApp();
  await family(app);
  const mine = [
    await make(app, "bob"),
    await make(app, "carol"),
    await make(app, undefined, { contact: "carol" }),
  ];
  const others = [
    await make(app, "ann"),
    await make(app, "dave"),
    await make(app, undefined, { username: "bob2" }),
  ];
  const report = await change(app, "bob", "revoke", true);
  assert.deepEqual(report, {
    user: "bob",
    action: "revoke",
    people: 2,
    invites: 3,
    changed: true,
    dry_run: true,
  });
  for (const token of mine) assert.equal(await stateOf(app, token), "pending");
  assert.deepEqual([
    (await change(app, "bob", "revoke")).invites,
    (await change(app, "bob", "revoke")).invites,
  ], [3, 0]);
  for (const token of mine) assert.equal(await stateOf(app, token), "revoked");
  for (const token of others) assert.equal(await stateOf(app, token), "pending");
  await make(app, "bob");
});

Deno.test("a dry run freezes and thaws nobody", async () => {
  await using app = await createTestApp();
  await family(app);
  const token = await make(app, "carol");
  assert.deepEqual(await change(app, "bob", "freeze", true), {
    ...{ user: "bob", action: "freeze", people: 2, invites: 1, changed: true, dry_run: true },
  });
  assert.equal(await stateOf(app, token), "pending");
  await change(app, "bob", "freeze");
  assert.equal((await change(app, "bob", "thaw", true)).changed, true);
  assert.equal(await stateOf(app, token), "paused");
});

Deno.test("somebody who has invited nobody yet can be frozen; a user who is not there cannot", async () => {
  const prosody = { userExists: (_: string, name: string) => Promise.resolve(name !== "ghost") };
  await using app = await createTestApp({ prosody });
  const token = await make(app, "ann");
  await change(app, "ann", "freeze");
  assert.equal(await reserve(app, token, "bob"), "not-allowed");
  await assert.rejects(change(app, "ghost", "freeze"), { code: "not-found" });
  await assert.rejects(change(app, "a@b", "freeze"), { code: "not-found" });
});

Deno.test("when a frozen user is gone those below stay frozen, and can be thawed", async () => {
  await using app = await createTestApp();
  await family(app);
  const token = await make(app, "carol");
  await change(app, "ann", "freeze");
  await app.iq("set", `ann@${host}`, control("purge"));
  assert.equal(await treeOf(app), "-(bob(carol)) dave");
  assert.equal(await stateOf(app, token), "paused");
  await change(app, "bob", "thaw");
  assert.equal(await stateOf(app, token), "pending");
});

Deno.test("after the retention time nobody knows who has invited whom, and who is frozen stays it", async () => {
  await using app = await createTestApp({ toml: 'people = { retention = "90d" }' });
  await family(app);
  await change(app, "ann", "freeze");
  app.advance(80 * day);
  await invite(app, "dave", "eve");
  await app.services.people.sweep();
  assert.equal(await treeOf(app), "ann(bob(carol)) dave(eve)");
  app.advance(11 * day);
  await app.services.people.sweep();
  assert.equal(await treeOf(app), "ann bob carol dave(eve)", "eve's is younger");
  for (const name of ["ann", "bob", "carol"]) await assert.rejects(make(app, name), { code: "not-allowed" });
  for (const name of ["ann", "bob", "carol"]) await change(app, name, "thaw");
  app.advance(80 * day);
  await app.services.people.sweep();
  assert.equal(await treeOf(app), "");
  await app.services.invites.create(userOf("carol"), {});
});

Deno.test("a branch of a long chain is frozen at its far end", async () => {
  await using app = await createTestApp();
  const rows = Array.from({ length: 2_000 }, (_, i) => ({
    ...{ id: i + 1, host, username: `u${i}`, created_at: 1, source: null, parent_id: i === 0 ? null : i },
  }));
  for (let at = 0; at < rows.length; at += 500) {
    await app.database.db.insertInto("person").values(rows.slice(at, at + 500)).execute();
  }
  const token = await make(app, "u1999");
  const report = await change(app, "u0", "freeze");
  assert.deepEqual([report.people, report.invites], [2_000, 1]);
  assert.equal(await reserve(app, token, "eve"), "not-allowed");
});
