import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const all = ["invites:create", "invites:read", "invites:revoke", "invites:reset"];
const me = operator("example.org");

async function changing(app: TestApp, json: unknown = {}, scopes = all) {
  const key = await app.key({ scopes: all });
  const made = await app.fetch("/v1/invites", { method: "POST", key, json });
  const { id } = await made.json();
  const changer = scopes === all ? key : await app.key({ scopes });
  return {
    ...{ id, key },
    get: () => app.fetch(`/v1/invites/${id}`, { key }),
    patch: (json: unknown, headers: Record<string, string> = {}) =>
      app.fetch(`/v1/invites/${id}`, { method: "PATCH", key: changer, json, headers }),
  };
}

Deno.test("PATCH pauses, resumes, and changes note, life and uses, and GET shows it", async () => {
  await using app = await createTestApp();
  const { get, patch } = await changing(app, { roles: [], note: "a" });
  const steps: [unknown, Record<string, unknown>][] = [
    [{ paused: true }, { state: "paused", note: "a", max_uses: 1 }],
    [{ paused: false, note: "b" }, { state: "pending", note: "b" }],
    [{ note: null }, { note: undefined }],
    [{ max_uses: 5 }, { max_uses: 5 }],
    [{ max_uses: null }, { max_uses: null }],
    [{ ttl: "never" }, { expires_at: null }],
    [{ ttl: "1h" }, { expires_at: "2026-01-01T01:00:00.000Z" }],
    [{ expires_at: "2026-02-01T00:00:00+01:00" }, { expires_at: "2026-01-31T23:00:00.000Z" }],
    [{ expires_at: null }, { expires_at: null }],
    [{}, { expires_at: null }],
  ];
  for (const [json, expected] of steps) {
    const response = await patch(json);
    const invite = await response.json();
    assert.equal(response.status, 200, JSON.stringify(invite));
    for (const [name, value] of Object.entries(expected)) assert.equal(invite[name], value, name);
    const shown = await get();
    assert.deepEqual(await shown.json(), { ...invite, redeemed_by: [] });
    assert.equal(shown.headers.get("etag"), response.headers.get("etag"));
  }
});

Deno.test("a change of what was changed meanwhile is refused, by If-Match", async () => {
  await using app = await createTestApp();
  const { get, patch } = await changing(app);
  const etag = (await get()).headers.get("etag") ?? "";
  assert.equal((await patch({ note: "mine" }, { "if-match": etag })).status, 200);
  assert.equal((await patch({ note: "yours" }, { "if-match": etag })).status, 412);
  assert.equal((await (await get()).json()).note, "mine");
  assert.equal((await patch({ note: "all the same" }, { "if-match": "*" })).status, 200);
  assert.equal((await patch({ note: "x" }, { "if-match": "no tag" })).status, 400);
});

Deno.test("a change that makes no sense names what is wrong", async () => {
  await using app = await createTestApp();
  const { patch } = await changing(app, { username: "bob" });
  const cases: [unknown, string][] = [
    [{ ttl: 0 }, "/ttl"],
    [{ ttl: "1h", expires_at: null }, "/ttl"],
    [{ expires_at: "2025-01-01T00:00:00Z" }, "/expires_at"],
    [{ expires_at: "tomorrow" }, "/expires_at"],
    [{ max_uses: 2 }, "/max_uses"],
    [{ max_uses: null }, "/max_uses"],
    [{ max_uses: 0 }, "/max_uses"],
    [{ paused: "yes" }, "/paused"],
    [{ note: "x".repeat(1001) }, "/note"],
    [{ roles: ["prosody:admin"] }, "/roles"],
  ];
  for (const [json, at] of cases) {
    const response = await patch(json);
    const { errors } = await response.json();
    assert.deepEqual([response.status, errors?.[0].pointer], [422, at], JSON.stringify(json));
  }
});

Deno.test("an invite has no fewer uses than it had, and one that has ended stays as it is", async () => {
  await using app = await createTestApp();
  const { redemption, invites } = app.services;
  const { token } = await invites.create(me, { max_uses: 3 });
  for (const username of ["ann", "bob"]) {
    const claim = { host: "example.org", token, claim: username };
    await redemption.reserve({ ...claim, username, exists: false });
    await redemption.commit({ ...claim, jid: `${username}@example.org` });
  }
  await assert.rejects(invites.change(me, token, { max_uses: 2 }), { code: "invalid" });
  await invites.revoke(me, token);
  const expired = await invites.create(me, { ttl: 1000 });
  app.advance(1000);
  for (const ended of [token, expired.token]) {
    for (const change of [{ paused: false }, { ttl: 60_000 }, { note: "x" }]) {
      await assert.rejects(invites.change(me, ended, change), { code: "conflict" });
    }
  }
});

Deno.test("without a key 401, without invites:revoke 403, of another host 404", async () => {
  await using app = await createTestApp();
  const { id, patch } = await changing(app, {}, ["invites:read", "invites:create"]);
  assert.equal((await patch({ paused: true })).status, 403);
  const init = { method: "PATCH", json: { paused: true } };
  assert.equal((await app.fetch(`/v1/invites/${id}`, init)).status, 401);
  const stranger = await app.key({ scopes: all, host: "example.net" });
  const there = await app.fetch(`http://example.net/v1/invites/${id}`, { ...init, key: stranger });
  assert.equal(there.status, 404);
});

Deno.test("who may not make such an invite pauses it, and gives it neither time nor uses", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  await app.groups("choir");
  const { token } = await invites.create(me, { roles: ["prosody:admin"], groups: ["choir"] });
  const reset = await invites.create(me, { reset: "ann" });
  const revoker = { ...me, scopes: ["invites:revoke"] };
  const weak = { ...me, limits: { roles: [], groups: ["choir"] } };
  for (const change of [{ ttl: 60_000 }, { max_uses: 2 }, { expires_at: null }]) {
    await assert.rejects(invites.change(revoker, token, change), { code: "not-allowed" });
    await assert.rejects(invites.change(weak, token, change), { code: "not-allowed", message: /roles/ });
  }
  const maker = { ...me, scopes: ["invites:revoke", "invites:create"] };
  await assert.rejects(invites.change(maker, reset.token, { ttl: 60_000 }), { code: "not-allowed" });
  for (const actor of [revoker, weak]) {
    assert.equal((await invites.change(actor, token, { paused: true })).state, "paused");
    assert.equal((await invites.change(actor, token, { paused: false })).state, "pending");
  }
});

Deno.test("who may end invites and not read them changes one by its id, and gets no link by that", async () => {
  await using app = await createTestApp();
  const { id, patch } = await changing(app, { reset: "admin" }, ["invites:revoke"]);
  const response = await patch({});
  assert.equal(response.status, 200);
  const seen = await response.json();
  assert.deepEqual([seen.id, seen.token, seen.uri, seen.landing_page], [id, undefined, undefined, undefined]);
  const { token } = await app.services.invites.create(me, {});
  const key = await app.key({ scopes: ["invites:revoke"] });
  const init = { method: "PATCH", key, json: { paused: true } };
  const named = await app.fetch(`/v1/invites/${token}`, init);
  assert.equal((await named.json()).token, token, "who has the token learns nothing by it");
});
