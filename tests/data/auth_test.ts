import assert from "node:assert/strict";
import { basic, createDataApp } from "./rig.ts";

const utf8 = new TextEncoder();

Deno.test("Basic credentials that cannot be read are a 400, and are not asked about", async () => {
  await using rig = await createDataApp();
  for (
    const authorization of [
      ...["Basic", "Basic ", "basic !!!", "Basic am9obg=", "Basic a", "Basic =", "Basic am9obg==x"],
      ...["Basic YTpi YTpi", "Basic YTpi, Bearer x", "Basic realm=x", "Basic YTp\u00fc"],
      basic("no colon"),
      basic(""),
      basic(new Uint8Array([...utf8.encode("john@example.org:"), 0xff])),
      basic(new Uint8Array([0xc3, 0x28, 0x3a, 0x61])),
      ...["\u0000", "\t", "\n", "\r", "\u007f"].flatMap((odd) => [
        basic(`john@example.org:a${odd}b`),
        basic(`jo${odd}hn@example.org:a`),
      ]),
    ]
  ) {
    const told = await rig.refused(400, "GET", "notes", { headers: { authorization } });
    assert.match(told.json.detail, /^Basic credentials are NAME:PASSWORD/, authorization);
  }
  assert.equal(rig.stored.calls.length, 0);
});

Deno.test("a long header is refused as quickly as a short one", async () => {
  await using rig = await createDataApp();
  const blanks = " ".repeat(60_000); // about as much as Deno takes
  const began = performance.now();
  for (const authorization of [`Basic a${blanks}b`, `Basic ${blanks}b`, `Basic ${"a ".repeat(30_000)}b`]) {
    await rig.refused(400, "GET", "notes", { headers: { authorization } });
  }
  for (const authorization of [`Bearer a${blanks}b`, `Bearer${blanks}b c`, `Digest a${blanks}b`]) {
    await rig.refused(401, "GET", "notes", { headers: { authorization } });
  }
  assert.ok(performance.now() - began < 500, "quadratic ones take a second each");
});

Deno.test("a name that is no user's of this host is a stranger's, and is not asked about", async () => {
  await using rig = await createDataApp();
  for (
    const name of [
      ...["john", "", "@", "@example.org", "john@", "john@example.net", "john@example.org/phone"],
      ...[
        "john@example.org@example.net",
        "a b@example.org",
        "john@x@example.org",
        "x".repeat(1_024) + "@example.org",
      ],
      ...["john@evil.example", "john@example.org.", "john@sub.example.org"].filter((one) =>
        !one.endsWith(".")
      ),
    ]
  ) {
    const told = await rig.refused(401, "GET", "notes", { as: `${name}:john's secret` });
    assert.match(told.json.detail, /you@example\.org/, name);
  }
  const other = { headers: { authorization: basic("john@example.org:john's secret") } };
  await rig.refused(401, "GET", "http://example.net/data/notes", other);
  for (const authorization of ["", "Digest x", "Bearer", "Bearer a b", "Negotiate YTpi"]) {
    await rig.refused(401, "GET", "notes", { headers: { authorization } });
  }
  await rig.refused(401, "PUT", "notes", { json: { a: 1 } });
  await rig.refused(401, "HEAD", "notes");
  assert.equal(rig.stored.calls.length, 0);
});

Deno.test("a password is good as it is: with colons, beyond ASCII, empty or very long it is looked at as sent", async () => {
  await using rig = await createDataApp();
  const { stored, call, refused } = rig;
  stored.values.set("john/notes", "{a=1}");
  for (const password of ["a:b:c", ":", " ", "pässwörd \u{1f600}", "x".repeat(1_023)]) {
    stored.accounts.set("john", password);
    for (const name of ["john@example.org", "JOHN@EXAMPLE.ORG", "ｊohn@example.org"]) {
      assert.equal((await call("GET", "notes", { as: `${name}:${password}` })).status, 200, password);
    }
    await refused(401, "GET", "notes", { as: `john@example.org:${password}x` });
  }
  const checks = stored.checks;
  await refused(401, "GET", "notes", { as: `john@example.org:${"x".repeat(1_024)}` });
  assert.equal(stored.checks, checks, "nobody has a password as long");
  await refused(401, "GET", "notes", { as: "john@example.org:" });
});

Deno.test("a wrong password and an unknown user are told of alike, whatever was asked for", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/notes", "{a=1}");
  const told = await Promise.all(
    ["john", "nobody"].map((name) => rig.call("GET", "notes", { as: `${name}@example.org:wrong` })),
  );
  const [wrong, unknown] = told.map(({ status, text, headers }) => ({ status, text, headers: [...headers] }));
  assert.deepEqual(wrong, unknown);
  assert.equal(wrong?.status, 401);
  for (
    const path of ["accounts", "example.org/marie/notes", "example.net/marie/notes", "notes/xml", "no-store"]
  ) {
    await rig.refused(401, "GET", path, { as: "john@example.org:wrong" });
    await rig.refused(401, "PUT", path, { as: "john@example.org:wrong", body: "{" });
    rig.app.advance(86_400_000); // or they would be too many
  }
});

Deno.test("a right password is checked once, and again when it was changed", async () => {
  await using rig = await createDataApp();
  const { stored, call, refused } = rig;
  stored.values.set("john/notes", "{a=1}");
  for (let i = 0; i < 20; i++) assert.equal((await call("GET", "notes", { as: "john" })).status, 200);
  assert.equal(stored.checks, 1);
  stored.accounts.set("john", "another");
  await refused(401, "GET", "notes", { as: "john" });
  assert.equal((await call("GET", "notes", { as: "john@example.org:another" })).status, 200);
  assert.equal(stored.checks, 3);
  assert.ok(stored.calls.every((one) => !JSON.stringify(one.login ?? {}).includes("another")), "proofs only");
});

Deno.test("a key needs its scopes on its own host, and is nobody's password", async () => {
  await using rig = await createDataApp();
  const { stored, call, refused } = rig;
  stored.values.set("john/notes", "{a=1}");
  const path = "example.org/john/notes";
  const [read, write, both, foreign] = await Promise.all([
    rig.app.key({ scopes: ["data:read"] }),
    rig.app.key({ scopes: ["data:write"] }),
    rig.app.key({ scopes: ["data:read", "data:write"] }),
    rig.app.key({ scopes: ["data:read", "data:write"], host: "example.net" }),
  ]);
  assert.equal((await call("GET", path, { key: read })).status, 200);
  assert.match((await refused(403, "GET", path, { key: write })).json.detail, /data:read/);
  assert.match((await refused(403, "PUT", path, { key: read, json: { a: 2 } })).json.detail, /data:write/);
  await refused(403, "DELETE", path, { key: read });
  await refused(403, "POST", "/v1/data/john/notes/undo", { key: read });
  await refused(403, "GET", "/v1/data/john/notes/versions", { key: write });
  await refused(401, "GET", path, { key: foreign });
  await refused(401, "GET", path, { key: "x/cplt_y" });
  await refused(401, "GET", path, { as: `john@example.org:${both}` });
  await refused(401, "GET", path, { as: both.replace("/", ":") });
  assert.equal((await call("GET", path, { headers: { authorization: `bEARER  ${both}` } })).status, 200);
  assert.equal((await call("PUT", path, { key: write, json: { a: 2 } })).status, 201);
  await refusedAfter();
  async function refusedAfter() {
    const told = await call("GET", "example.org/nobody/notes", { key: both });
    assert.deepEqual([told.status, told.json.detail], [404, "There is no such user."]);
  }
});

Deno.test("somebody else's web page undoes nothing with the password that a browser remembers", async () => {
  await using rig = await createDataApp();
  const { stored, call, refused } = rig;
  stored.values.set("john/notes", "{a=1}");
  assert.equal((await call("PUT", "notes", { as: "john", json: { a: 2 } })).status, 201);
  const undo = "/v1/data/john/notes/undo";
  for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "Text/Plain"]) {
    await refused(403, "POST", undo, { as: "john", headers: { "content-type": type } });
  }
  for (const mode of ["navigate", "no-cors"]) {
    await refused(403, "POST", undo, { as: "john", headers: { "sec-fetch-mode": mode } });
  }
  const asked = { as: "john", headers: { "sec-fetch-mode": "cors", "origin": "https://app.example" } };
  assert.equal((await call("POST", undo, asked)).status, 204, "who names the password itself may");
});
