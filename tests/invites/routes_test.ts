import assert from "node:assert/strict";
import { createTestApp } from "../harness.ts";

const all = ["invites:create", "invites:read", "invites:revoke", "invites:reset"];

Deno.test("POST /v1/invites answers 201 with the invite, and GET shows the same", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const made = await app.fetch("/v1/invites", {
    method: "POST",
    key,
    json: { username: "ann", ttl: "12h", note: "x" },
  });
  assert.equal(made.status, 201);
  const invite = await made.json();
  assert.equal(made.headers.get("location"), invite.landing_page);
  assert.equal(Date.parse(invite.expires_at) - Date.parse(invite.created_at), 12 * 3_600_000);
  assert.deepEqual([invite.type, invite.jid, invite.state, invite.uses, invite.max_uses], [
    "account",
    "ann@example.org",
    "pending",
    0,
    1,
  ]);
  for (const name of [invite.id, invite.token]) {
    const shown = await app.fetch(`/v1/invites/${name}`, { key });
    assert.equal(shown.status, 200);
    assert.deepEqual(await shown.json(), { ...invite, redeemed_by: [] });
  }
});

Deno.test("DELETE revokes; a token of another host, or unknown, is 404", async () => {
  await using app = await createTestApp();
  const [key, stranger] = [
    await app.key({ scopes: all }),
    await app.key({ scopes: all, host: "example.net" }),
  ];
  const { token } = await (await app.fetch("/v1/invites", { method: "POST", key, json: {} })).json();
  for (const method of ["GET", "DELETE"]) {
    const init = { method, key: stranger };
    assert.equal((await app.fetch(`http://example.net/v1/invites/${token}`, init)).status, 404);
    assert.equal((await app.fetch(`/v1/invites/${token}`, init)).status, 401);
    assert.equal((await app.fetch("/v1/invites/nonsense", { method, key })).status, 404);
  }
  assert.equal((await app.fetch(`/v1/invites/${token}`, { method: "DELETE", key })).status, 204);
  assert.equal((await (await app.fetch(`/v1/invites/${token}`, { key })).json()).state, "revoked");
});

Deno.test("without a key 401 and a challenge, with too small a scope 403, as problem+json", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: ["invites:read"] });
  for (const init of [{}, { key: "bad" }, { headers: { authorization: "Basic eDp5" } }]) {
    const response = await app.fetch("/v1/invites", init);
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer /);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
  }
  assert.equal((await app.fetch(`/v1/invites?key=${key}`)).status, 401, "no keys in the query here");
  const refused = await app.fetch("/v1/invites", { method: "POST", key, json: {} });
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).detail, /invites:create/);
  assert.equal((await app.fetch("/v1/invites/x", { method: "DELETE", key })).status, 403);
  const reset = await app.fetch("/v1/invites", {
    method: "POST",
    key: await app.key(),
    json: { reset: "admin" },
  });
  assert.equal(reset.status, 403, "a key that may invite may not hand over accounts");
});

Deno.test("a body that is no JSON, too large, of another type or with wrong members says what is wrong", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const post = (body: string, type = "application/json") =>
    app.fetch("/v1/invites", { method: "POST", key, body, headers: { "content-type": type } });
  assert.equal((await post("{")).status, 400);
  assert.equal((await post("")).status, 400);
  assert.equal((await post("{}", "text/plain")).status, 415);
  assert.equal((await post("{}", "Application/JSON; charset=utf-8")).status, 201);
  assert.equal((await post(JSON.stringify({ note: "x".repeat(70_000) }))).status, 413);
  for (
    const [body, pointer] of [
      ["[]", ""],
      ["null", ""],
      ['{"user":"ann"}', "/user"],
      ['{"username":7}', "/username"],
      ['{"max_uses":0}', "/max_uses"],
      ['{"ttl":"soon"}', "/ttl"],
      ['{"ttl":-1}', "/ttl"],
      ['{"roles":["a",5]}', "/roles/1"],
      ['{"username":"a b"}', "/username"],
      ['{"username":"a","reset":"b"}', "/reset"],
    ] as const
  ) {
    const response = await post(body);
    assert.equal(response.status, 422, body);
    const problem = await response.json();
    assert.equal(problem.type, "urn:couplet:problem:invalid");
    assert.equal(problem.errors[0].pointer, pointer, body);
  }
  assert.equal((await (await app.fetch("/v1/invites", { key })).json()).invites.length, 1);
});

Deno.test("a list comes in pages that name the next one", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  for (let i = 0; i < 5; i++) await app.fetch("/v1/invites", { method: "POST", key, json: {} });
  const first = await (await app.fetch("/v1/invites?limit=3&state=pending", { key })).json();
  assert.equal(first.invites.length, 3);
  const second = await (await app.fetch(first.next, { key })).json();
  assert.equal(second.invites.length, 2);
  assert.equal(second.next, undefined);
  for (const query of ["limit=0", "limit=x", "limit=1000", "state=odd", "after=-1", "colour=red"]) {
    assert.equal((await app.fetch(`/v1/invites?${query}`, { key })).status, 422, query);
  }
});

Deno.test("methods and addresses that are not there say so", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  assert.equal((await app.fetch("/v1/invites", { method: "PUT", key })).status, 405);
  assert.equal((await app.fetch("/v1/nothing", { key })).status, 404);
  assert.equal((await app.fetch("/", {})).status, 404);
});

Deno.test("a POST repeated with its Idempotency-Key makes nothing new, and another body with it is refused", async () => {
  await using app = await createTestApp();
  const [key, other] = [await app.key({ scopes: all }), await app.key({ scopes: all })];
  const post = async (json: unknown, holder = key, id = '"8e03978e"') => {
    const headers = { "idempotency-key": id };
    const response = await app.fetch("/v1/invites", { method: "POST", key: holder, json, headers });
    return { status: response.status, body: await response.json() };
  };
  const [first, ...rest] = await Promise.all(Array.from({ length: 5 }, () => post({ username: "ann" })));
  for (const again of rest) assert.deepEqual(again, first);
  assert.equal(first?.status, 201);
  assert.deepEqual(await post({ username: "ann" }, key, "8e03978e"), first, "the quotes do not matter");
  const mismatch = await post({ username: "bob" });
  assert.deepEqual([mismatch.status, mismatch.body.type], [422, "urn:couplet:problem:idempotency-mismatch"]);
  assert.equal((await post({ username: "bob" }, other)).status, 201, "another holder's key is another key");
  assert.equal((await post({}, key, "x".repeat(256))).status, 400);
  app.advance(86_400_000);
  await app.services.redemption.sweep();
  assert.equal((await post({ username: "eve" })).status, 201, "after a day it is forgotten");
});
