import assert from "node:assert/strict";
import { createDataApp } from "./rig.ts";

Deno.test("the form is the one that Accept wants most, and JSON where nothing fits", async () => {
  await using rig = await createDataApp();
  const { call, stored } = rig;
  stored.values.set("john/notes", "{a=1}");
  for (
    const [accept, type] of [
      ["application/json", "json"],
      ["text/x-lua", "lua"],
      ["TEXT/X-Lua", "lua"],
      ["text/*", "lua"],
      ["*/*", "json"],
      ["text/x-lua;q=0.5, application/json;q=0.4", "lua"],
      ["text/x-lua;q=0.4, application/json;q=0.5", "json"],
      ["text/x-lua;q=0.5, */*;q=0.9", "json"],
      ["text/x-lua;q=0.5, */*;q=0.1", "lua"],
      ["application/json;q=0, */*", "lua"],
      ["text/*;q=0.9, text/x-lua;q=0.1, application/json;q=0.5", "json"],
      ["text/x-lua;charset=utf-8", "lua"],
      ["application/json, text/x-lua", "json"],
      ["text/html, application/xhtml+xml;q=0.9", "json"], // better than 406 (RFC 9110, 12.5.1)
      ["image/*", "json"],
      ["", "json"],
      [";;,,q=1", "json"],
    ] as const
  ) {
    const told = await call("GET", "notes", { as: "john", headers: { accept } });
    assert.equal(told.status, 200, accept);
    const types = { json: "application/json; charset=utf-8", lua: "text/x-lua; charset=utf-8" };
    assert.equal(told.headers.get("content-type"), types[type], accept);
    assert.match(told.headers.get("vary") ?? "", /Accept/);
  }
  const said = await call("GET", "notes/json", { as: "john", headers: { accept: "text/x-lua" } });
  assert.match(said.headers.get("content-type") ?? "", /json/, "the address says it more plainly");
});

Deno.test("who has it already gets a 304 in that form, and the two forms have tags of their own", async () => {
  await using rig = await createDataApp();
  const { call, stored } = rig;
  stored.values.set("john/notes", "{a=1}");
  const json = (await call("GET", "notes/json", { as: "john" })).headers.get("etag") ?? "";
  const lua = (await call("GET", "notes/lua", { as: "john" })).headers.get("etag") ?? "";
  assert.notEqual(json, lua);
  const ask = async (path: string, tags: string) =>
    (await call("GET", path, { as: "john", headers: { "if-none-match": tags } })).status;
  assert.equal(await ask("notes", json), 304);
  assert.equal(await ask("notes", `W/${json}`), 304);
  assert.equal(await ask("notes", `"other", ${json}`), 304);
  assert.equal(await ask("notes", "*"), 304);
  assert.equal(await ask("notes", '"other"'), 200);
  assert.equal(await ask("notes/lua", json), 200, "that is another form of it");
  assert.equal(await ask("notes/lua", lua), 304);
  assert.equal(await ask("vcard", "*"), 404);
  const told = await call("GET", "notes", { as: "john", headers: { "if-none-match": json } });
  assert.deepEqual([told.text, told.headers.get("etag")], ["", json]);
});

Deno.test("conditions of a write hold, whichever form's tag they name", async () => {
  await using rig = await createDataApp();
  const { call, stored, refused } = rig;
  const put = async (headers: Record<string, string>, json: unknown = { n: Math.random() }) =>
    (await call("PUT", "notes", { as: "john", json, headers })).status;
  const tag = async (path = "notes") => (await call("GET", path, { as: "john" })).headers.get("etag") ?? "";
  await refused(412, "PUT", "notes", { as: "john", json: { a: 1 }, headers: { "if-match": "*" } });
  await refused(412, "DELETE", "notes", { as: "john", headers: { "if-match": '"x"' } });
  assert.equal(await put({ "if-none-match": "*" }, { a: 1 }), 201);
  assert.equal(await put({ "if-none-match": "*" }, { a: 2 }), 412);
  assert.equal(await put({ "if-match": "*" }, { a: 3 }), 201);
  assert.equal(await put({ "if-match": await tag() }, { a: 4 }), 201);
  assert.equal(await put({ "if-match": await tag("notes/lua") }, { a: 5 }), 201);
  assert.equal(await put({ "if-match": `"one", ${await tag()} , W/"two"` }, { a: 6 }), 201);
  for (const wrong of [`W/${await tag()}`, '"*"', '"one"', '""', '".lua"']) {
    assert.equal(await put({ "if-match": wrong }), 412, wrong);
  }
  for (const odd of ["one", '"one', "", `${await tag()} ${await tag()}`]) {
    assert.equal(await put({ "if-match": odd }), 400, odd);
  }
  assert.equal(await put({ "if-none-match": await tag() }), 400);
  assert.equal(stored.values.get("john/notes"), "{a=6}");
  const old = await tag();
  assert.equal(await put({ "if-match": old }, { a: 7 }), 201);
  assert.equal((await call("DELETE", "notes", { as: "john", headers: { "if-match": old } })).status, 412);
  const patch = { as: "john", json: { b: 1 } };
  const type = { "content-type": "application/merge-patch+json" };
  assert.equal(
    (await call("PATCH", "notes", { ...patch, headers: { ...type, "if-match": old } })).status,
    412,
  );
  assert.equal((await call("POST", "list", { ...patch, headers: { "if-match": old } })).status, 412);
  assert.equal(stored.values.get("john/notes"), "{a=7}");
});
