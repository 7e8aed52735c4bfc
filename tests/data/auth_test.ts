import assert from "node:assert/strict";
import { createAttempts } from "../../src/core/attempts.ts";
import { createGate } from "../../src/core/gate.ts";
import { createLogins } from "../../src/data/logins.ts";
import { createFakeStorage } from "./fake_storage.ts";
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

Deno.test("after ten wrong passwords an account must wait, but not where its user was let in before", async () => {
  await using rig = await createDataApp();
  const { stored, call, app } = rig;
  stored.values.set("john/notes", "{a=1}");
  const guess = (i: number, from: string) =>
    call("GET", "notes", { as: `john@example.org:guess ${i}`, from });
  assert.equal((await call("GET", "notes", { as: "john", from: "192.0.2.1" })).status, 200);
  for (let i = 0; i < 10; i++) assert.equal((await guess(i, `198.51.100.${i}`)).status, 401);
  const told = await guess(10, "198.51.100.99");
  assert.equal(told.status, 429);
  assert.equal(told.headers.get("retry-after"), "1");
  assert.match(told.json.detail, /too many wrong passwords.*1 s/);
  assert.equal(stored.checks, 11, "that one was not looked at");
  stored.accounts.set("john", "another"); // what was remembered ends
  const late = await call("GET", "notes", { as: "john@example.org:another", from: "198.51.100.99" });
  assert.equal(late.status, 429, "a stranger's address, even with the right one");
  const home = await call("GET", "notes", { as: "john@example.org:another", from: "192.0.2.1" });
  assert.equal(home.status, 200);
  app.advance(1_001);
  assert.equal((await guess(11, "198.51.100.99")).status, 401);
  assert.equal((await guess(12, "198.51.100.99")).headers.get("retry-after"), "2");
});

Deno.test("thirty wrong passwords of an address make it wait, whoever they were for", async () => {
  await using rig = await createDataApp();
  const guess = (i: number) =>
    rig.call("GET", "notes", { as: `user${i}@example.org:wrong`, from: "198.51.100.7" });
  for (let i = 0; i < 30; i++) assert.equal((await guess(i)).status, 401);
  assert.equal((await guess(30)).status, 429);
  assert.equal(rig.stored.checks, 30);
  assert.equal((await rig.call("GET", "notes", { as: "john", from: "198.51.100.8" })).status, 404);
});

Deno.test("two hundred wrong guesses at once cost Prosody few checks, and equal ones a single one", async () => {
  await using rig = await createDataApp();
  const guesses = await Promise.all(
    Array.from(
      { length: 200 },
      (_, i) => rig.call("GET", "notes", { as: `john@example.org:guess ${i}`, from: `198.51.100.${i}` }),
    ),
  );
  const counts = Map.groupBy(guesses, ({ status }) => status);
  assert.deepEqual([...counts.keys()].sort(), [401, 429, 503]);
  assert.ok(rig.stored.checks <= 11, `${rig.stored.checks}`);
  assert.equal(counts.get(401)?.length, rig.stored.checks);
  for (const told of [...counts.get(429) ?? [], ...counts.get(503) ?? []]) {
    assert.match(told.headers.get("retry-after") ?? "", /^[1-9]/);
  }

  rig.stored.checks = 0;
  const same = await Promise.all(
    Array.from(
      { length: 200 },
      () => rig.call("GET", "notes", { as: "marie@example.org:wrong", from: "192.0.2.9" }),
    ),
  );
  assert.ok(same.every(({ status }) => status === 401));
  assert.equal(rig.stored.checks, 1);
  const right = await Promise.all(
    Array.from({ length: 200 }, () => rig.call("GET", "notes", { as: "marie" })),
  );
  assert.ok(right.every(({ status }) => status === 404));
  assert.equal(rig.stored.checks, 2);
});

Deno.test("a check that could not be made is a 503, counts for nothing, and is made again", async () => {
  await using rig = await createDataApp();
  const { stored, call, refused } = rig;
  stored.values.set("john/notes", "{a=1}");
  stored.isAway = true;
  for (let i = 0; i < 30; i++) await refused(503, "GET", "notes", { as: "john" });
  stored.isAway = false;
  stored.meanwhile = ({ call }) => {
    if (call === "check") throw new Error("a bug");
  };
  assert.equal((await call("GET", "notes", { as: "john" })).status, 500);
  stored.meanwhile = () => {};
  assert.equal((await call("GET", "notes", { as: "john" })).status, 200);
});

Deno.test("what fails is told no sooner than the floor, why ever it does; what is right at once", async () => {
  const stored = createFakeStorage();
  const floor = 300;
  const logins = createLogins({
    ...{ stored, floor, proofKey: new Uint8Array(32) },
    attempts: createAttempts({ clock: () => 0 }),
    gate: createGate({ atATime: 2, waiting: 100, patience: 5_000 }),
  });
  const time = async (user: string, password: string) => {
    const began = performance.now();
    const asker = logins("example.org", { user, password, address: "192.0.2.1" });
    const is = await asker.ask({ call: "nothing" }).then((answer) => answer.is, (error) => error.code);
    return { is, ms: performance.now() - began };
  };
  const [wrong, unknown, long, right] = await Promise.all([
    ...[time("john", "wrong"), time("nobody", "wrong"), time("john", "x".repeat(2_000))],
    time("marie", "marie's secret"),
  ]);
  for (const { is, ms } of [wrong!, unknown!, long!]) {
    assert.equal(is, "not-authenticated");
    assert.ok(ms >= floor - 1, `${ms}`);
  }
  assert.ok(right!.is === "done" && right!.ms < wrong!.ms, `${right!.ms}`);
});
