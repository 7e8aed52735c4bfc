import assert from "node:assert/strict";
import { Problem } from "../../src/core/problem.ts";
import { basic, createDataApp } from "./rig.ts";

Deno.test("each method does what it always did, with its status and its headers", async () => {
  await using rig = await createDataApp();
  const { call, stored } = rig;
  assert.equal((await call("GET", "notes", { as: "john" })).status, 404);
  const made = await call("PUT", "notes", { as: "john", json: { a: 1 } });
  assert.deepEqual([made.status, made.text], [201, ""]);
  assert.match(made.headers.get("location") ?? "", /^http:\/\/[^/]+\/data\/example\.org\/john\/notes$/);
  assert.equal(stored.values.get("john/notes"), "{a=1}");

  const got = await call("GET", "notes", { as: "john" });
  assert.deepEqual([got.status, got.json], [200, { a: 1 }]);
  assert.equal(got.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(got.headers.get("cache-control"), "no-store");
  assert.equal(got.headers.get("etag"), made.headers.get("etag"));
  assert.match(got.headers.get("etag") ?? "", /^"[\w-]{22}"$/);
  const head = await call("HEAD", "notes", { as: "john" });
  assert.deepEqual([head.status, head.text], [200, ""]);
  assert.equal(head.headers.get("etag"), got.headers.get("etag"));
  assert.equal((await call("HEAD", "vcard", { as: "john" })).status, 404);

  assert.equal((await call("POST", "list", { as: "john", json: "one" })).status, 201);
  assert.equal((await call("POST", "list", { as: "john", json: { two: 2 } })).status, 201);
  assert.deepEqual((await call("GET", "list", { as: "john" })).json, ["one", { two: 2 }]);

  const patched = await call("PATCH", "notes", {
    ...{ as: "john", json: { b: 2 }, headers: { "content-type": "application/merge-patch+json" } },
  });
  assert.deepEqual([patched.status, stored.values.get("john/notes")], [204, "{a=1,b=2}"]);
  assert.notEqual(patched.headers.get("etag"), got.headers.get("etag"));

  assert.equal((await call("DELETE", "notes", { as: "john" })).status, 204);
  assert.equal(stored.values.has("john/notes"), false);
  assert.equal((await call("DELETE", "notes", { as: "john" })).status, 204, "as it is already");
  const odd = await call("PROPFIND", "notes", { as: "john" });
  assert.deepEqual([odd.status, odd.headers.get("allow")], [
    405,
    "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS",
  ]);
});

Deno.test("an address may name the user, the format, and more than it needs", async () => {
  await using rig = await createDataApp();
  const { call, stored, refused } = rig;
  stored.values.set("john/notes", '{a="x"}');
  const lua = '{\n\t["a"] = "x";\n}';
  for (
    const [path, text] of [
      ["notes", '{"a":"x"}'],
      ["notes/json", '{"a":"x"}'],
      ["notes/lua", lua],
      ["example.org/john/notes", '{"a":"x"}'],
      ["EXAMPLE.org/JOHN/notes", '{"a":"x"}'],
      ["example.org/%6aohn/notes/lua", lua],
      ["example.org/john/notes/json/extra", '{"a":"x"}'],
      ["notes?x=1", '{"a":"x"}'],
      ["/v1/data/john/notes", '{"a":"x"}'],
      ["/v1/data/JOHN/notes", '{"a":"x"}'],
    ] as const
  ) {
    const told = await call("GET", path, { as: "john" });
    assert.deepEqual([told.status, told.text], [200, text], path);
  }
  const moved = await call("GET", "/data", { as: "john" });
  assert.deepEqual([moved.status, moved.headers.get("location")], [301, "/data/"]);
  for (const path of ["", "notes/xml", "notes/", "example.org/john/notes/xml", "no-such", "%2e", "a%2Fb"]) {
    await refused(404, "GET", path, { as: "john" });
  }
  await refused(404, "GET", "example.org/a%20b/notes", { as: "admin" });
  await refused(404, "GET", "example.org/nobody/notes", { as: "admin" });
  await refused(403, "GET", "example.net/john/notes", { as: "john" });
  await refused(403, "GET", "other.example/john/notes", { as: "admin" });
  await refused(400, "GET", "%zz", { as: "john" });
  await refused(404, "GET", "notes", { key: await rig.app.key({ scopes: ["data:read"] }) });
});

Deno.test("Location and challenge can be sent whatever user and host are called", async () => {
  await using rig = await createDataApp({ hosts: ["例え.example"] });
  const { call, stored } = rig;
  stored.accounts.set("jörg ø".replace(" ", "."), "pass:wörd");
  const authorization = basic("jörg.ø@例え.example:pass:wörd");
  const made = await call("PUT", "notes", { json: { a: 1 }, headers: { authorization } });
  assert.equal(made.status, 201, made.text);
  const location = made.headers.get("location") ?? "";
  assert.ok(location.endsWith("/data/%E4%BE%8B%E3%81%88.example/j%C3%B6rg.%C3%B8/notes"), location);
  const got = await call("GET", new URL(location).pathname, { headers: { authorization } });
  assert.deepEqual(got.json, { a: 1 });
  const other = await call("PUT", "/v1/data/j%C3%B6rg.%C3%B8/notes", {
    ...{ json: { a: 2 }, headers: { authorization } },
  });
  assert.match(other.headers.get("location") ?? "", /\/v1\/data\/j%C3%B6rg\.%C3%B8\/notes$/);
  const stranger = await call("GET", "notes");
  assert.equal(stranger.status, 401);
  assert.match(
    stranger.headers.get("www-authenticate") ?? "",
    /^Basic realm="xn--r8jz45g\.example\/data_access"/,
  );
});

Deno.test("a page of any origin may ask, be told why not, and is asked for no cookie", async () => {
  await using rig = await createDataApp();
  const { call, stored } = rig;
  stored.values.set("john/notes", "{a=1}");
  for (const path of ["notes", "example.org/john/notes/lua", "/v1/data/john", "/v1/data/john/notes/undo"]) {
    const first = await call("OPTIONS", path, {
      headers: { origin: "https://app.example", "access-control-request-method": "PATCH" },
    });
    assert.equal(first.status, 200, path);
    assert.equal(first.headers.get("access-control-allow-origin"), "*");
    for (const method of ["GET", "PUT", "POST", "PATCH", "DELETE"]) {
      assert.ok(first.headers.get("access-control-allow-methods")?.includes(method), method);
    }
    for (const name of ["Authorization", "Content-Type", "If-Match", "If-None-Match"]) {
      assert.ok(first.headers.get("access-control-allow-headers")?.includes(name), name);
    }
    assert.equal(first.headers.get("access-control-allow-credentials"), null);
  }
  const headers = { origin: "https://app.example" };
  for (
    const [status, asked] of [
      [200, { as: "john" }],
      [401, {}],
      [401, { as: "john@example.org:wrong" }],
      [400, { headers: { authorization: "Basic !" } }],
    ] as const
  ) {
    const told = await call("GET", "notes", {
      ...asked,
      headers: { ...headers, ...("headers" in asked && asked.headers) },
    });
    assert.equal(told.status, status);
    assert.equal(told.headers.get("access-control-allow-origin"), "*");
    assert.match(told.headers.get("access-control-expose-headers") ?? "", /ETag, Location/);
  }
  assert.equal((await call("GET", "notes", { as: "john" })).headers.get("access-control-allow-origin"), null);
});

Deno.test("an address of the API that takes no such method says which it takes", async () => {
  await using rig = await createDataApp();
  const { call, refused } = rig;
  const as = "john";
  for (
    const [method, path, allow] of [
      ["POST", "/v1/data/john", "GET, HEAD"],
      ["DELETE", "/v1/data/john/notes/versions", "GET, HEAD"],
      ["PUT", "/v1/data/john/notes/versions/1", "GET, HEAD"],
      ["GET", "/v1/data/john/notes/undo", "POST"],
    ] as const
  ) {
    const told = await call(method, path, { as });
    assert.deepEqual([told.status, told.headers.get("allow")], [405, allow], path);
  }
  await refused(404, "GET", "/v1/data/john/notes/versions/abc", { as });
  await refused(404, "GET", "/v1/data/john/notes/versions/1", { as });
  await refused(404, "GET", "/v1/data/john/notes/nothing", { as });
  await refused(404, "GET", "/v1/data/a%20b", { as });
  await refused(422, "POST", "/v1/data/john/notes/undo?version=x", { as });
  await refused(422, "POST", "/v1/data/john/notes/undo?other=1", { as });
});

Deno.test("the stores of a user are those that have something and that the asker may read", async () => {
  await using rig = await createDataApp();
  const { call, stored, refused } = rig;
  for (const store of ["notes", "list", "accounts", "cloud_notify", "secret"]) {
    stored.values.set(`john/${store}`, "{a=1}");
  }
  stored.lists.set("john/offline", "{{a=1}}");
  const names = async (asked: Parameters<typeof call>[2], user = "john") => {
    const told = await call("GET", `/v1/data/${user}`, asked);
    assert.equal(told.status, 200, told.text);
    return told.json.stores.map(({ store, kind }: { store: string; kind: string }) => `${store} ${kind}`);
  };
  const key = (...scopes: string[]) => rig.app.key({ scopes });
  assert.deepEqual(await names({ as: "john" }), ["list value", "notes value"]);
  const all = ["accounts value", "list value", "notes value", "offline list"];
  assert.deepEqual(await names({ as: "admin" }), all);
  assert.deepEqual(await names({ key: await key("data:read") }), all);
  assert.deepEqual(
    await names({ key: await key("data:read", "data:secrets") }),
    ["accounts value", "cloud_notify value", ...all.slice(1)],
  );
  assert.deepEqual(await names({ as: "marie" }, "marie"), []);
  await refused(403, "GET", "/v1/data/john", { as: "marie" });
  await refused(403, "GET", "/v1/data/john", { key: await key("data:write") });
  await refused(401, "GET", "/v1/data/john");
  await refused(401, "GET", "/v1/data/john", { as: "john@example.org:wrong" });
  await refused(404, "GET", "/v1/data/nobody", { as: "admin" });
  await refused(403, "GET", "/v1/data/nobody", { as: "marie" });
});

Deno.test("one store that is too large to be read does not hide the others", async () => {
  await using rig = await createDataApp();
  for (const store of ["notes", "list"]) rig.stored.values.set(`john/${store}`, "{a=1}");
  rig.stored.meanwhile = (call) => {
    if (call.call === "get" && call.store === "notes") throw new Problem("too-large", "too much");
  };
  const told = await rig.call("GET", "/v1/data/john", { as: "john" });
  assert.equal(told.status, 200, told.text);
  assert.deepEqual(
    told.json.stores.map(({ store, kind }: { store: string; kind: string }) => [store, kind]),
    [
      ["list", "value"],
      ["notes", "too-large"],
    ],
  );
});
