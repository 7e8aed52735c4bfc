import assert from "node:assert/strict";
import { createTestApp } from "../harness.ts";

const marie = "marie@example.org";
const pairs = { add: [{ users: ["john", "marie"] }] };

/** Every address: what asks there with which scope, and which methods there are. */
const addresses: readonly {
  path: string;
  allow: string;
  calls: readonly (readonly [method: string, scope: string, json?: unknown])[];
  basic?: true;
}[] = [
  {
    path: "/v1/rosters/john",
    allow: "GET, HEAD, PUT, PATCH",
    calls: [["GET", "rosters:read"], ["HEAD", "rosters:read"], ["PUT", "rosters:write", {}], [
      "PATCH",
      "rosters:write",
      {},
    ]],
  },
  {
    path: `/v1/rosters/john/${marie}`,
    allow: "GET, HEAD, PUT, PATCH, DELETE",
    calls: [["PUT", "rosters:write", {}], ["GET", "rosters:read"], ["PATCH", "rosters:write", {}], [
      "DELETE",
      "rosters:write",
    ]],
  },
  { path: "/v1/roster_pairs", allow: "POST", calls: [["POST", "rosters:write", pairs]] },
  { path: "/v1/rosters", allow: "POST", calls: [["POST", "rosters:write", { user: "john", patch: {} }]] },
  { path: "/contacts/john", allow: "GET, HEAD", calls: [["GET", "rosters:read"]], basic: true },
  { path: "/roster_admin/refresh", allow: "POST", calls: [["POST", "rosters:write", ["john"]]], basic: true },
  {
    path: "/roster_admin/refresh/john",
    allow: "GET, HEAD",
    calls: [["GET", "rosters:write"]],
    basic: true,
  },
];
const everything = [
  "invites:create",
  "invites:reset",
  "invites:read",
  "invites:revoke",
  "rosters:read",
  "rosters:write",
];

/** The key was good enough, whatever became of the request: without a Prosody there is nothing to refresh. */
const isThrough = ({ ok, status }: Response) => ok || status === 500;

for (const { path, allow, calls, basic } of addresses) {
  Deno.test(`${path}: needs a key of this host with the right scope, and says which methods there are`, async () => {
    await using app = await createTestApp();
    const headers = { "content-type": path === "/v1/rosters" ? "application/x-ndjson" : "application/json" };
    const ask = (method: string, key: string | undefined, json?: unknown, host = "example.org", auth = {}) =>
      app.fetch(`http://${host}${path}`, {
        method,
        ...(key !== undefined && { key }),
        ...(json !== undefined && { body: JSON.stringify(json) }),
        headers: { ...headers, ...auth },
      });
    const strange = await app.key({ scopes: everything, host: "example.net" });
    for (const [method, scope, json] of calls) {
      const good = await app.key({ scopes: [scope] });
      const [id, secret] = good.split("/");
      for (const key of [undefined, "bad", strange, good.slice(0, -1), `${id}/`, secret]) {
        const refused = await ask(method, key, json);
        assert.equal(refused.status, 401, `${method} with ${key}`);
        const challenge = refused.headers.get("www-authenticate") ?? "";
        assert.match(challenge, basic ? /^Basic realm="couplet"/ : /^Bearer /);
        assert.match(challenge, /Bearer realm="couplet"/);
        assert.equal(refused.headers.get("content-type"), "application/problem+json");
        await refused.body?.cancel();
      }
      assert.equal((await app.fetch(`${path}?key=${good}`, { method })).status, 401, "no keys in the query");
      assert.equal((await ask(method, good, json, "example.net")).status, 401, "a key is one host's");
      assert.equal((await ask(method, good, json, "unknown.example")).status, 404);
      const others = await app.key({ scopes: everything.filter((one) => one !== scope) });
      const short = await ask(method, others, json);
      assert.equal(short.status, 403, `${method} without ${scope}`);
      if (method !== "HEAD") assert.match((await short.json()).detail, new RegExp(scope));
      const asBasic = (text: string) =>
        ask(method, undefined, json, "example.org", { authorization: `basic ${btoa(text)}` });
      const answers = [await asBasic(`${id}:${secret}`), await ask(method, good, json)];
      assert.ok(isThrough(answers[1]!), `${method}: ${answers[1]!.status}`);
      assert.equal(answers[1]!.headers.get("cache-control"), "no-store");
      assert.equal(isThrough(answers[0]!), basic ?? false, `${method} with Basic: ${answers[0]!.status}`);
      for (const text of [`${id}`, `${id}:`, `:${secret}`, `${id}:${secret}x`, "\xff", ""]) {
        assert.equal((await asBasic(text)).status, 401, text);
      }
      for (const answer of answers) await answer.body?.cancel();
    }
    const key = await app.key({ scopes: everything });
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      if (allow.split(", ").includes(method)) continue;
      assert.equal((await ask(method, undefined)).status, 401, `${method} without a key`);
      const answer = await ask(method, key);
      assert.deepEqual([answer.status, answer.headers.get("allow")], [405, allow], method);
      assert.equal((await answer.json()).type, "urn:couplet:problem:method-not-allowed");
    }
  });
}

Deno.test("who may not write is told before the body is read", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: ["rosters:read"] });
  for (
    const [method, path] of [["PUT", "/v1/rosters/john"], ["POST", "/v1/rosters"], [
      "POST",
      "/v1/roster_pairs",
    ]]
  ) {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(65_536));
      },
    }, { highWaterMark: 0 });
    const answer = await app.fetch(path!, { method: method!, key, body });
    assert.equal(answer.status, 403);
    assert.ok(pulled <= 2, `${pulled} chunks of ${path} were read`);
  }
});
