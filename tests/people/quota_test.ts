import assert from "node:assert/strict";
import { conditionOf, control, createTestApp } from "../harness.ts";
import { host, make, me, userOf } from "./rig.ts";

const statusesOf = (all: PromiseSettledResult<unknown>[]) =>
  all.filter(({ status }) => status === "fulfilled").length;

Deno.test("of many invites that a user makes at once the quota's number are made, and the rest are told when", async () => {
  await using app = await createTestApp({ toml: '[invites]\nuser_quota = 3\nuser_quota_period = "2d"' });
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => make(app, "ann")));
  assert.equal(statusesOf(all), 3);
  assert.equal((await app.services.invites.list(me, { limit: 50 })).invites.length, 3);
  app.advance(86_400_000);
  await assert.rejects(make(app, "ann"), (error: Error & { code: string; retryAfter: number }) => {
    assert.deepEqual([error.code, error.retryAfter], ["too-many-requests", 86_400]);
    assert.equal(
      error.message,
      "3 invites can be made in 2 days, and all of them have been. More can be made from 2026-01-03T00:00:00.000Z on.",
    );
    return true;
  });
  await make(app, "bob");
  app.advance(86_400_000);
  assert.equal(statusesOf(await Promise.allSettled(Array.from({ length: 5 }, () => make(app, "ann")))), 3);
});

Deno.test("without a word there is a quota for users; with `none` there is none", async () => {
  await using app = await createTestApp();
  assert.equal(statusesOf(await Promise.allSettled(Array.from({ length: 25 }, () => make(app, "ann")))), 20);
  await using free = await createTestApp({ toml: 'invites = { user_quota = "none" }' });
  assert.equal(statusesOf(await Promise.allSettled(Array.from({ length: 25 }, () => make(free, "ann")))), 25);
});

Deno.test("admins have no quota, and neither has the command line", async () => {
  await using app = await createTestApp({ toml: "[invites]\nuser_quota = 1" });
  const admin = { ...userOf("ann"), limits: { quota: null } };
  for (let i = 0; i < 3; i++) await app.services.invites.create(admin, {});
  for (let i = 0; i < 3; i++) await make(app);
});

Deno.test("a key's quota is by the day, and is answered by 429 with the time to wait", async () => {
  await using app = await createTestApp();
  const key = await app.key({ limits: { quota: 2 } });
  const ask = () => app.fetch("/v1/invites", { method: "POST", key, json: {} });
  const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await ask()).status));
  assert.deepEqual(statuses.sort(), [201, 201, 429, 429, 429]);
  app.advance(3_600_000);
  const refused = await ask();
  assert.deepEqual(
    [refused.status, refused.headers.get("retry-after"), refused.headers.get("ratelimit")],
    [429, "82800", '"default";r=0;t=82800'],
  );
  assert.match((await refused.json()).detail, /^2 invites can be made a day, and all of them have been\. /);
  assert.equal((await app.fetch("/invites_api", { key })).status, 429);
  const portal = await app.fetch("/admin_api/invites/account", { method: "POST", key, json: {} });
  assert.equal(portal.status, 429);
  app.advance(23 * 3_600_000);
  assert.equal((await ask()).status, 201);
  assert.equal(
    (await app.fetch("/v1/invites", { method: "POST", key: await app.key(), json: {} })).status,
    201,
  );
});

Deno.test("the same request again is not counted again", async () => {
  await using app = await createTestApp();
  const key = await app.key({ limits: { quota: 1 } });
  const headers = { "idempotency-key": "a" };
  for (let i = 0; i < 3; i++) {
    assert.equal((await app.fetch("/v1/invites", { method: "POST", key, headers, json: {} })).status, 201);
  }
});

Deno.test("a request that is refused for another reason is not counted", async () => {
  await using app = await createTestApp();
  const key = await app.key({ limits: { quota: 1 } });
  await make(app, undefined, { username: "kept" });
  const ask = (json: unknown) => app.fetch("/v1/invites", { method: "POST", key, json });
  assert.equal((await ask({ username: "kept" })).status, 409);
  assert.equal((await ask({})).status, 201);
});

Deno.test("invites that Prosody's modules make for a user count, once each, whatever the device", async () => {
  await using app = await createTestApp({ toml: "[invites]\nuser_quota = 2" });
  const times = { created_at: "1767225600", expires: "1767830400" };
  const put = async (n: number, more = {}) => {
    const token = `abcdefghijklmnopqrstuvw${n}`;
    const attrs = {
      token,
      type: "roster",
      jid: `ann@${host}`,
      allow_registration: "true",
      ...times,
      ...more,
    };
    const source = { source: `ann@${host}/device${n}` };
    const made = await app.iq("set", host, control("invite", attrs, JSON.stringify(source)));
    const same = await app.iq(
      "set",
      `ann@${host}`,
      control("invite", { token, expires: times.expires, ...more }),
    );
    return [conditionOf(made), conditionOf(same)];
  };
  assert.deepEqual(await put(1), [undefined, undefined]);
  assert.deepEqual(await put(2), [undefined, undefined]);
  assert.deepEqual(await put(3), ["policy-violation", "policy-violation"]);
  assert.deepEqual(await put(4, { by_admin: "true" }), [undefined, undefined]);
  await assert.rejects(make(app, "ann"), { code: "too-many-requests" });
  assert.equal((await app.services.invites.list(me, { limit: 50 })).invites.length, 3);
});
