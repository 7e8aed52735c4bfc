import assert from "node:assert/strict";
import { control, createTestApp, type TestApp } from "../harness.ts";
import { host, invite, join, make, me, reserve } from "./rig.ts";

const minute = 60_000;
const alarms = async (app: TestApp) =>
  (await app.services.people.alarms(me, { limit: 10 })).alarms.map((
    { user, invite, redemptions, action },
  ) => [
    ...[user ?? (invite === undefined ? undefined : "an invite"), redemptions, action],
  ]);

Deno.test("invites of one user that are used too quickly are reported, as one alarm as long as it goes on", async () => {
  await using app = await createTestApp({ toml: 'invites = { velocity = "3/1h" }' });
  for (let i = 0; i < 3; i++) await invite(app, "ann", `a${i}`);
  assert.deepEqual(await alarms(app), []);
  app.advance(61 * minute);
  for (let i = 3; i < 6; i++) await invite(app, "ann", `a${i}`);
  assert.deepEqual(await alarms(app), [], "never more than three in an hour");
  app.advance(minute);
  await invite(app, "ann", "a6");
  await invite(app, "ann", "a7");
  assert.deepEqual(await alarms(app), [["ann", 5, "report"]]);
  app.advance(2 * 61 * minute);
  for (let i = 8; i < 12; i++) await invite(app, "ann", `a${i}`);
  assert.deepEqual(await alarms(app), [["ann", 4, "report"], ["ann", 5, "report"]]);
});

Deno.test("with `pause` the user and who is below are frozen, by more than the number and not before", async () => {
  const toml = '[invites]\nvelocity = "3/1h"\nvelocity_action = "pause"';
  await using app = await createTestApp({ toml });
  const token = await make(app, "ann");
  for (let i = 0; i < 3; i++) await invite(app, "ann", `a${i}`);
  assert.equal((await app.services.invites.show(me, token)).state, "pending");
  const below = await make(app, "a1");
  await invite(app, "ann", "a3");
  assert.deepEqual(await alarms(app), [["ann", 4, "pause"]]);
  assert.deepEqual([await reserve(app, token, "x"), await reserve(app, below, "y")], [
    "not-allowed",
    "not-allowed",
  ]);
  await app.services.people.changeBranch(me, "ann", "thaw");
  app.advance(61 * minute);
  await join(app, token, "x");
});

Deno.test("one invite of many uses is paused alone, whoever made it", async () => {
  const toml = '[invites]\nvelocity = "3/1h"\nvelocity_action = "pause"';
  await using app = await createTestApp({ toml });
  const [token, other] = [
    await make(app, undefined, { max_uses: 10 }),
    await make(app, undefined, { max_uses: 10 }),
  ];
  for (let i = 0; i < 3; i++) await join(app, token, `a${i}`);
  assert.equal((await app.services.invites.show(me, token)).state, "pending");
  await join(app, token, "a3");
  const shown = await app.services.invites.show(me, token);
  assert.deepEqual([shown.state, shown.uses], ["paused", 4]);
  assert.equal(await reserve(app, token, "a4"), "not-allowed");
  await join(app, other, "b");
  assert.deepEqual(await alarms(app), [["an invite", 4, "pause"]]);
});

Deno.test("what a program's key makes one by one is nobody's velocity", async () => {
  await using app = await createTestApp({ toml: 'invites = { velocity = "1/1h" }' });
  for (let i = 0; i < 5; i++) await invite(app, undefined, `a${i}`);
  assert.deepEqual(await alarms(app), []);
});

Deno.test("alarms are read with a key, in pages, of one's own host", async () => {
  await using app = await createTestApp({ toml: 'invites = { velocity = "1/1h" }' });
  for (const name of ["ann", "bob"]) {
    for (let i = 0; i < 2; i++) await invite(app, name, `${name}${i}`);
  }
  const key = await app.key({ scopes: ["people:read"] });
  const first = await (await app.fetch("/v1/invite_alarms?limit=1", { key })).json();
  assert.deepEqual(first.alarms, [{
    ...{ user: "bob", redemptions: 2, action: "report" },
    ...{ began_at: "2026-01-01T00:00:00.000Z", last_at: "2026-01-01T00:00:00.000Z" },
  }]);
  const second = await (await app.fetch(first.next, { key })).json();
  assert.deepEqual([second.alarms[0].user, second.next], ["ann", undefined]);
  const elsewhere = await app.key({ host: "example.net", scopes: ["people:read"] });
  const none = await app.fetch("http://example.net/v1/invite_alarms", { key: elsewhere });
  assert.deepEqual(await none.json(), { alarms: [] });
  await app.iq("set", `ann@${host}`, control("purge"));
  assert.deepEqual((await alarms(app)).map(([user]) => user), ["bob"]);
});
