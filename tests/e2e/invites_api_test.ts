import assert from "node:assert/strict";
import { startHttpRig } from "./http_rig.ts";

// Each row of what clients of mod_invites_api rely on, and what the original does where that differs.

const landing = /^http:\/\/127\.0\.0\.1:\d+\/invite\/[\w-]{24}$/;

async function rig() {
  const app = await startHttpRig();
  const [key, other] = [await app.key(), await app.key("example.net")];
  return { app, key, other, count: () => app.invites().length };
}

Deno.test("a key in the query makes an invite: 201, an empty body, its Location, and CORS", async () => {
  const { app, key } = await rig();
  await using _ = app;
  for (const query of [`key=${key}`, `key=${key.replace("/", "%2F")}`, `key=bad/bad&key=${key}`]) {
    const response = await app.fetch(`/invites_api?${query}`);
    assert.equal(response.status, 201, query);
    assert.equal(await response.text(), "");
    assert.match(response.headers.get("location") ?? "", landing);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.equal(response.headers.get("access-control-expose-headers"), "Location");
  }
  assert.equal((await app.fetch(`/invites_api?key=${key}&key=bad/bad`)).status, 403);
});

Deno.test("redirect of any value, or without one, answers 303", async () => {
  const { app, key } = await rig();
  await using _ = app;
  for (const redirect of ["redirect=true", "redirect=false", "redirect=", "redirect"]) {
    const response = await app.fetch(`/invites_api?key=${key}&${redirect}`, { redirect: "manual" });
    assert.equal(response.status, 303, redirect);
    assert.match(response.headers.get("location") ?? "", landing);
  }
});

Deno.test("a key in the Authorization header needs no query (the original: 500), and its scheme has no case", async () => {
  const { app, key } = await rig();
  await using _ = app;
  for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer "]) {
    const response = await app.fetch("/invites_api", { headers: { authorization: `${scheme} ${key}` } });
    assert.equal(response.status, 201, scheme);
  }
});

Deno.test("the header wins over the query", async () => {
  const { app, key } = await rig();
  await using _ = app;
  assert.equal((await app.fetch("/invites_api?key=bad/bad", { key })).status, 201);
  assert.equal((await app.fetch(`/invites_api?key=${key}`, { key: "bad/bad" })).status, 403);
});

Deno.test("no key, a bad one, a malformed one or another host's: 403, and nothing is made", async () => {
  const { app, key, other, count } = await rig();
  await using _ = app;
  const queries = ["", "?", "?foo=bar", "?key=", "?key=noslash", "?key=/x", "?key=x/", "?key=unknown/secret"];
  queries.push(
    `?key=${key}x`,
    `?key=${key}/extra`,
    `?key=${key}%20`,
    `?KEY=${key}`,
    `?key=${other}`,
    "?key=%ff%00",
    "?%",
  );
  for (const query of queries) {
    const response = await app.fetch(`/invites_api${query}`);
    assert.equal(response.status, 403, query);
    assert.equal((await response.json()).type, "urn:couplet:problem:not-allowed");
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
  }
  const headers = [
    "Bearer",
    "Bearer ",
    `Basic ${btoa(key)}`,
    key,
    `Bearer ${key} x`,
    `Token ${key}`,
    "Bearer é/é",
  ];
  for (const authorization of headers) {
    assert.equal(
      (await app.fetch("/invites_api", { headers: { authorization } })).status,
      403,
      authorization,
    );
  }
  assert.equal((await app.fetch(`http://example.net/invites_api?key=${key}`)).status, 403);
  assert.equal((await app.fetch(`http://example.net/invites_api?key=${other}`)).status, 201);
  assert.equal(count(), 1);
});

Deno.test("a key without the scope invites:create is refused", async () => {
  const { app } = await rig();
  await using _ = app;
  const key = await app.key("example.org", "--scope", "invites:read");
  assert.equal((await app.fetch("/invites_api", { key })).status, 403);
});

Deno.test("HEAD: 405 with a key and 403 without, and nothing is made", async () => {
  const { app, key, count } = await rig();
  await using _ = app;
  const refused = await app.fetch("/invites_api", { method: "HEAD", key });
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get("allow"), "GET, POST, OPTIONS");
  assert.equal((await app.fetch("/invites_api", { method: "HEAD" })).status, 403);
  assert.equal(count(), 0);
});

Deno.test("OPTIONS: 200 and what a browser wants to know, for * or the origin that asks", async () => {
  const { app } = await rig();
  await using _ = app;
  const plain = await app.fetch("/invites_api", { method: "OPTIONS" });
  assert.equal(plain.status, 200);
  assert.equal(plain.headers.get("access-control-allow-origin"), "*");
  assert.equal(plain.headers.get("access-control-max-age"), "7200");
  assert.match(plain.headers.get("access-control-allow-headers") ?? "", /Content-Type/);
  assert.match(plain.headers.get("access-control-allow-methods") ?? "", /OPTIONS, GET/);
  const asked = await app.fetch("/invites_api", {
    method: "OPTIONS",
    headers: { origin: "https://app.example" },
  });
  assert.equal(asked.headers.get("access-control-allow-origin"), "https://app.example");
});

Deno.test("POST does as GET does; other methods are 405 with Allow (the original: 404)", async () => {
  const { app, key, count } = await rig();
  await using _ = app;
  assert.equal((await app.fetch("/invites_api", { method: "POST", key })).status, 201);
  assert.equal((await app.fetch(`/invites_api?key=${key}`, { method: "POST", body: "ignored" })).status, 201);
  for (const method of ["PUT", "DELETE", "PATCH"]) {
    const response = await app.fetch("/invites_api", { method, key });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get("allow"), "GET, POST, OPTIONS");
  }
  assert.equal(count(), 2);
});

Deno.test("the host is known by its name in any case and with any port; an unknown one is 404", async () => {
  const { app, key } = await rig();
  await using _ = app;
  for (const authority of ["EXAMPLE.ORG", "example.org:9999", "Example.Org:80"]) {
    assert.equal((await app.fetch(`http://${authority}/invites_api`, { key })).status, 201, authority);
  }
  for (const authority of ["nosuch.example", "127.0.0.1:5290", "example.org.evil.example"]) {
    assert.equal((await app.fetch(`http://${authority}/invites_api`, { key })).status, 404, authority);
  }
});

Deno.test("keys in the query can be turned off", async () => {
  await using app = await startHttpRig("http.query_keys = false");
  const key = await app.key();
  assert.equal((await app.fetch(`/invites_api?key=${key}`)).status, 403);
  assert.equal((await app.fetch("/invites_api", { key })).status, 201);
});

Deno.test("the invite made is one account's, and says which key made it", async () => {
  const { app, key } = await rig();
  await using _ = app;
  await app.fetch("/invites_api", { key });
  const row = app.invites()[0]!;
  assert.deepEqual([row.type, row.max_uses, row.username, row.host], ["account", 1, null, "example.org"]);
  assert.equal(row.source, `api/token/${key.split("/")[0]}`);
});
