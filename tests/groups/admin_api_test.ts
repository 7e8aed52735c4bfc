import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const me = operator("example.org");
const scopes = [
  ...["invites:create", "invites:read", "invites:revoke", "invites:reset"],
  ...["groups:read", "groups:write"],
];

// deno-lint-ignore no-explicit-any
type Json = any;
type Send = (
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
) => Promise<{ status: number; headers: Headers; text: string; body: Json }>;

async function start(
  prosody: Parameters<typeof createTestApp>[0] = {},
): Promise<{ app: TestApp; send: Send }> {
  const app = await createTestApp({
    prosody: {
      server: () => "Prosody 13.0.1",
      userExists: (_, user) => Promise.resolve(user !== "nosuch" && user !== "fixed"),
    },
    ...prosody,
  });
  const key = await app.key({ scopes });
  return {
    app,
    async send(method, path, body, headers = { "content-type": "application/json" }) {
      const response = await app.fetch(`/admin_api${path}`, {
        ...{ method, key, headers: body === undefined ? {} : headers },
        ...(body !== undefined && { body }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get("content-type") ?? "");
      const { status } = response;
      return { status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
    },
  };
}

const page = "http://127.0.0.1:5290/invite/";
const invite = (body: Json) => ({
  ...{ id: body.id, uri: body.uri, xmpp_uri: body.uri, landing_page: page + body.id },
  created_at: 1767225600,
});

/** What the transcript of mod_http_admin_api has, row by row: request, status, and the answer's body. */
const rows: [method: string, path: string, body: string | undefined, status: number, expected: Json][] = [
  ["POST", "/invites/account", "{}", 200, {
    ...{ type: "register", jid: "example.org", reusable: false, reset: false, groups: [] },
    expires: 1767225600 + 7 * 86_400,
  }],
  ["POST", "/invites/account", undefined, 200, { type: "register", jid: "example.org", reusable: false }],
  ["POST", "/invites/account", '{"username":"fixed","ttl":60,"groups":["g1"]}', 200, {
    ...{ type: "register", jid: "fixed@example.org", groups: ["g1"], expires: 1767225660, reusable: false },
  }],
  ["POST", "/invites/group", '{"groups":["g1","g2"]}', 200, { groups: ["g1", "g2"], reusable: false }],
  ["POST", "/invites/group", '{"groups":["g1"],"ttl":3600}', 200, { groups: ["g1"], reusable: true }],
  ["POST", "/invites/group", "{}", 400, undefined],
  ["POST", "/invites/group", '{"groups":["gone"]}', 400, undefined],
  ["POST", "/invites/reset", '{"username":"user"}', 200, {
    ...{ type: "register", reset: true, jid: "user@example.org", reusable: false },
    expires: 1767225600 + 86_400,
  }],
  ["POST", "/invites/reset", "{}", 400, undefined],
  ["POST", "/invites/bogus", "{}", 400, undefined],
  ["POST", "/invites/account", "{bad", 400, undefined],
  ["POST", "/invites/account", '{"ttl":"long"}', 400, undefined],
  ["POST", "/invites", '{"reusable":true,"groups":["g1"]}', 200, { reusable: true, groups: ["g1"] }],
  ["GET", "/invites/bogus", undefined, 404, undefined],
  ["DELETE", "/invites/bogus", undefined, 200, undefined],
  ["GET", "/users/user", undefined, 200, { username: "user" }],
  ["GET", "/users/nosuch", undefined, 404, undefined],
  ["GET", "/users/user/groups", undefined, 200, []],
  ["GET", "/users", undefined, 501, undefined],
  ["PUT", "/users/user", '{"username":"user","display_name":"User D"}', 501, undefined],
  ["PATCH", "/users/user", '{"enabled":false}', 501, undefined],
  ["DELETE", "/users/nosuch", undefined, 501, undefined],
  ["GET", "/groups/bogus", undefined, 404, undefined],
  ["POST", "/groups", '{"name":"Grp One","create_muc":true}', 200, {
    name: "Grp One",
    members: {},
    chats: [],
  }],
  ["POST", "/groups", "{}", 400, undefined],
  ["PUT", "/groups/g1", '{"name":"Renamed"}', 204, undefined],
  ["PUT", "/groups/g1/members/user", undefined, 204, undefined],
  ["GET", "/groups/g1", undefined, 200, { id: "g1", name: "Renamed", members: { user: {} }, chats: [] }],
  ["GET", "/users/user/groups", undefined, 200, [
    { id: "g1", name: "Renamed", members: { user: {} }, chats: [] },
  ]],
  ["DELETE", "/groups/g1/members/user", undefined, 204, undefined],
  ["DELETE", "/groups/g1", undefined, 204, undefined],
  ["GET", "/groups/g1", undefined, 404, undefined],
  ["GET", "/server/info", undefined, 200, { site_name: "example.org", version: "13.0.1" }],
  ["GET", "/server/metrics", undefined, 501, undefined],
  ["POST", "/server/announcement", '{"body":"hi","recipients":"online"}', 501, undefined],
];

Deno.test("/admin_api answers what mod_http_admin_api does, and what it would if it did not fail", async () => {
  const { app, send } = await start();
  await using _ = app;
  for (const id of ["g1", "g2"]) await app.services.groups.create(me, { id, name: id });
  for (const [method, path, request, status, expected] of rows) {
    const { body, text, ...answer } = await send(method, path, request);
    const said = `${method} ${path} ${request ?? ""}: ${text}`;
    assert.equal(answer.status, status, said);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", said);
    if (status >= 400) assert.equal(body.status, status, said);
    if (status < 300 && expected === undefined) assert.equal(text, "", said);
    if (Array.isArray(expected)) assert.deepEqual(body, expected, said);
    else if (expected) {
      const isInvite = path.startsWith("/invites");
      const shown = Object.fromEntries(Object.keys(expected).map((name) => [name, body[name]]));
      assert.deepEqual(shown, expected, said);
      if (isInvite) {
        for (const [name, value] of Object.entries(invite(body))) assert.deepEqual(body[name], value, said);
        assert.ok(body.uri.endsWith(`?register;preauth=${body.id}`), said);
        assert.equal("source" in body, !body.reset, said);
      }
    }
  }
});

Deno.test("an invite is listed, shown and gone by its token, and says who made it", async () => {
  const { app, send } = await start();
  await using _ = app;
  assert.deepEqual((await send("GET", "/invites")).body, [], "a list, however empty");
  assert.deepEqual((await send("GET", "/groups")).body, []);
  const { body: made } = await send("POST", "/invites/account", "{}");
  assert.match(made.source, /^api\/token\/[\w-]+\/admin_api$/);
  app.advance(1_000);
  const { body: later } = await send("POST", "/invites/account", "{}");
  await app.services.invites.create(me, { contact: "user" }); // no account can be made of it
  const both = await app.services.invites.create(me, { contact: "user", register: true });
  assert.deepEqual((await send("GET", `/invites/${made.id}`)).body, made);
  const { body: list } = await send("GET", "/invites");
  assert.deepEqual(list.map(({ id }: Json) => id), [made.id, later.id, both.token], "the oldest first");
  assert.deepEqual([list[0], list[2].type], [made, "roster"]);
  assert.equal((await send("DELETE", `/invites/${made.id}`)).text, "");
  assert.equal((await send("GET", `/invites/${made.id}`)).status, 404);
  assert.equal((await send("GET", "/invites")).body.length, 2);
  const wrong = await send("POST", "/invites/account", "{}", { "content-type": "text/plain" });
  assert.equal(wrong.status, 400);
});

Deno.test("web pages elsewhere may ask, with a key", async () => {
  const { app } = await start();
  await using _ = app;
  const headers = { origin: "https://portal.example", "access-control-request-method": "POST" };
  for (const path of ["/admin_api/invites/account", "/admin_api/groups", "/admin_api/users/user"]) {
    const asked = await app.fetch(path, { method: "OPTIONS", headers });
    assert.equal(asked.status, 200);
    assert.equal(asked.headers.get("access-control-allow-methods"), "OPTIONS, GET, POST, PATCH, DELETE, PUT");
    assert.match(asked.headers.get("access-control-allow-headers") ?? "", /Authorization/);
    const refused = await app.fetch(path, { headers });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("access-control-allow-origin"), "https://portal.example");
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Bearer/);
  }
});

Deno.test("/admin_api calls a place what its pages call it", async () => {
  const { app, send } = await start({ toml: '[pages]\nsite_name = "Our Place"' });
  await using _ = app;
  assert.equal((await send("GET", "/server/info")).body.site_name, "Our Place");
});

Deno.test("where nobody can be asked, it is not said that there is no such user", async () => {
  const { app, send } = await start({ prosody: {} });
  await using _ = app;
  assert.equal((await send("GET", "/users/user")).status, 503);
  assert.deepEqual((await send("GET", "/server/info")).body, { site_name: "example.org" });
});

Deno.test("/admin_api needs a key of its host with its scope, and another host's things are not there", async () => {
  const { app } = await start();
  await using _ = app;
  await app.services.groups.create(me, { id: "choir", name: "Choir" });
  const { token } = await app.services.invites.create(me, {});
  const foreign = await app.key({ host: "example.net", scopes });
  const requests: [method: string, path: string, needs: string, json?: unknown, there?: number][] = [
    ["GET", "/invites", "invites:read", undefined, 200],
    ["POST", "/invites/account", "invites:create", {}, 200],
    ["POST", "/invites/reset", "invites:reset", { username: "user" }, 200],
    ["GET", `/invites/${token}`, "invites:read"],
    ["DELETE", `/invites/${token}`, "invites:revoke", undefined, 200],
    ["GET", "/groups", "groups:read", undefined, 200],
    ["POST", "/groups", "groups:write", { name: "x" }, 200],
    ["GET", "/groups/choir", "groups:read"],
    ["PUT", "/groups/choir", "groups:write", { name: "x" }],
    ["DELETE", "/groups/choir", "groups:write"],
    ["PUT", "/groups/choir/members/user", "groups:write"],
    ["DELETE", "/groups/choir/members/user", "groups:write"],
    ["GET", "/users/user", "groups:read", undefined, 200],
    ["GET", "/users/user/groups", "groups:read", undefined, 200],
    ["GET", "/server/info", "groups:read", undefined, 200],
  ];
  for (const [method, path, needs, json, there = 404] of requests) {
    const said = `${method} ${path}`;
    const ask = (url: string, key?: string) =>
      app.fetch(url, { method, json, ...(key !== undefined && { key }) }).then(({ status }) => status);
    assert.equal(await ask(`/admin_api${path}`), 401, said);
    assert.equal(await ask(`/admin_api${path}`, foreign), 401, said);
    const others = scopes.filter((scope) => scope !== needs);
    assert.equal(await ask(`/admin_api${path}`, await app.key({ scopes: others })), 403, said);
    assert.equal(await ask(`http://example.net/admin_api${path}`, foreign), there, said);
  }
  assert.equal((await app.services.invites.show(me, token)).state, "pending");
  assert.equal((await app.services.groups.get(me, "choir")).name, "Choir");
});
