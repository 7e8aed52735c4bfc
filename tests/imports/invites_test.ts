import assert from "node:assert/strict";
import { createTestApp, type TestApp } from "../harness.ts";
import { dataFolder, dump, file, importProsody, now, record, sqliteFile, token } from "./rig.ts";

const store = "example%2eorg/invite_token.dat";

/** What `invites show` says of it. */
const show = async (app: TestApp, name: string) => {
  const { state, type, jid, register, uses, max_uses, roles, groups, note, source, created_at, expires_at } =
    await app.services.invites.show({
      source: "cli",
      host: "example.org",
      scopes: ["invites:read"],
      limits: {},
    }, token(name));
  return {
    ...{ state, type, jid, register, uses, max_uses, roles, groups, note, source },
    times: [created_at / 1000 - now, (expires_at ?? Infinity) / 1000 - now],
  };
};

const usual = {
  ...{ state: "pending", type: "account", jid: "example.org", register: false, uses: 0, max_uses: 1 },
  ...{ roles: [], groups: [], note: undefined, source: "prosody", times: [-3_600, 3_600] },
};

Deno.test("each kind of invite that mod_invites keeps comes in as it is, with its times", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, {
    [store]: file(
      record(token("plain"), { additional_data: '{ ["source"] = "api/token/wDFwS2sKxg3Z"; }' }),
      record(token("named"), {
        jid: '"ann@example.org"',
        additional_data: '{ ["note"] = "For Ann \\195\\188"; }',
      }),
      record(token("reset"), { jid: '"bob@example.org"', additional_data: '{ ["allow_reset"] = "bob"; }' }),
      record(token("both"), {
        ...{ type: '"roster"', jid: '"eve@example.org"' },
        additional_data: '{ ["source"] = "eve@example.org/adhoc"; }',
      }),
      record(token("map"), {
        additional_data: '{ ["roles"] = { ["prosody:admin"] = true; ["off"] = false; }; }',
      }),
      record(token("list"), {
        reusable: "true",
        additional_data: '{ ["roles"] = { "prosody:member"; }; ["groups"] = { "g1"; "g2"; }; }',
      }),
      record(token("empty"), { additional_data: '{ ["roles"] = {}; ["groups"] = {}; }' }),
      record(token("ever"), { expires: "math.huge", created_at: undefined }),
    ),
    "example%2eorg/invite_token/eve.dat": file(
      `\t["${token("both")}"] = ${now + 3_600};\n`,
      `\t["${token("contact")}"] = ${now + 60};\n`,
    ),
  });
  const { code, stdout, stderr } = await importProsody(app, [dir]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Done\.\n$/);
  assert.match(stdout, /^example\.org {2}invites {6}9 {9}9 {14}0 {8}0 {7}0$/m);
  assert.deepEqual(await show(app, "plain"), { ...usual, source: "api/token/wDFwS2sKxg3Z" });
  assert.deepEqual(await show(app, "named"), { ...usual, jid: "ann@example.org", note: "For Ann ü" });
  assert.deepEqual(await show(app, "reset"), { ...usual, type: "reset", jid: "bob@example.org" });
  const eves = { ...usual, type: "contact", jid: "eve@example.org" };
  assert.deepEqual(await show(app, "both"), { ...eves, register: true, source: "eve@example.org/adhoc" });
  assert.deepEqual(await show(app, "contact"), { ...eves, source: "eve@example.org", times: [0, 60] });
  assert.deepEqual(await show(app, "map"), { ...usual, roles: ["prosody:admin"] });
  assert.deepEqual(await show(app, "list"), {
    ...usual,
    roles: ["prosody:member"],
    groups: ["g1", "g2"],
    max_uses: null,
  });
  assert.deepEqual(await show(app, "empty"), usual);
  assert.deepEqual(await show(app, "ever"), { ...usual, times: [0, Infinity] });
});

Deno.test("a link that was given out before opens the page, in its old spelling too, and Prosody reads it back", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, {
    [store]: file(record(token("old"), { additional_data: '{ ["x"] = { ["y"] = 1; }; }' })),
  });
  assert.equal((await app.fetch(`/invites_page?${token("old")}`)).status, 404);
  await importProsody(app, [dir]);
  for (const path of [`/invites_page?${token("old")}`, `/invite/${token("old")}`]) {
    assert.equal((await app.fetch(path)).status, 200, path);
  }
  const kept = await app.services.tokenRecords.get("example.org", token("old"));
  assert.deepEqual(kept?.additional_data, { x: { y: 1 }, source: "prosody" });
  assert.deepEqual([kept?.created_at, kept?.expires], [now - 3_600, now + 3_600]);
  assert.equal(await app.services.tokenRecords.get("example.net", token("old")), undefined);
});

Deno.test("an invite brought in is redeemed once, and bringing it in again does not bring it back", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, { [store]: file(record(token("one")), record(token("two"))) });
  await importProsody(app, [dir]);
  const attempt = { host: "example.org", token: token("one"), claim: "c" };
  await app.services.redemption.reserve({ ...attempt, username: "ann", exists: false });
  await app.services.redemption.commit({ ...attempt, jid: "ann@example.org" });
  await app.services.redemption.removed("example.org", token("two"));
  const before = dump(app);
  const again = await importProsody(app, [dir]);
  assert.match(again.stdout, /invites {6}2 {9}0 {14}2 {8}0 {7}0$/m);
  assert.equal(dump(app), before);
  assert.deepEqual([(await show(app, "one")).state, (await show(app, "two")).state], ["used", "revoked"]);
});

Deno.test("a dry run writes nothing and says what a run then does; a second run changes nothing", async () => {
  await using app = await createTestApp();
  const names = Array.from({ length: 700 }, (_, i) => `n${i}`);
  const dir = await dataFolder(app, {
    [store]: file(
      ...names.map((name, i) => record(token(name), i % 100 === 0 ? { jid: '"ann@example.org"' } : {})),
      record(token("over"), { expires: String(now) }),
    ),
  });
  const before = dump(app);
  const bytes = await Deno.readFile(`${app.dir}/couplet.db-wal`);
  const dry = await importProsody(app, [dir, "--dry-run"]);
  assert.equal(dump(app), before);
  assert.deepEqual(await Deno.readFile(`${app.dir}/couplet.db-wal`), bytes);
  assert.match(dry.stderr, /\nNothing was changed\.\n$/);
  const real = await importProsody(app, [dir]);
  assert.match(dry.stdout, /found {2}would import .*invites {4}701 {11}694 {14}0 {8}1 {7}6$/ms);
  assert.match(real.stdout, /invites {4}701 {7}694 {14}0 {8}1 {7}6$/m);
  assert.deepEqual([dry.code, real.code], [1, 1]);
  const after = dump(app);
  assert.notEqual(after, before);
  const second = await importProsody(app, [dir]);
  assert.match(second.stdout, /invites {4}701 {9}0 {12}694 {8}1 {7}6$/m);
  assert.equal(dump(app), after);
});

Deno.test("what was interrupted after a batch is in, and the next run brings in the rest", async () => {
  await using app = await createTestApp();
  const names = Array.from({ length: 1_000 }, (_, i) => `n${i}`);
  const dir = await dataFolder(app, { [store]: file(...names.map((name) => record(token(name)))) });
  const imports = await app.services.imports();
  const { readSource } = await import("../../src/prosody/source.ts");
  const source = {
    read: (host: string, store: string) => readSource(dir, host, store),
    rosters: () => (async function* () {})(),
  };
  await assert.rejects(
    imports.import("example.org", "invites", source, {
      onProgress: ({ imported }) => {
        if (imported > 500) throw new Error("killed");
      },
    }),
    /killed/,
  );
  const { count } = await imports.import("example.org", "invites", source);
  assert.deepEqual(count, { found: 1_000, imported: 400, there_already: 600, expired: 0, failed: 0 });
});

Deno.test("records that cannot be understood are named with the reason, and the rest goes on", async () => {
  await using app = await createTestApp();
  const bad: [string, string, RegExp][] = [
    ["kind", record(token("kind"), { type: '"other"' }), /neither for an account nor for a contact/],
    ["host", record(token("host"), { jid: '"example.net"' }), /JID does not fit its host/],
    ["user", record(token("user"), { type: '"roster"' }), /JID does not fit its host/],
    ["jid", record(token("jid"), { jid: "7" }), /Its JID is no text/],
    ["ends", record(token("ends"), { expires: undefined }), /time at which it ends is no time/],
    ["nan", record(token("nan"), { expires: "(0/0)" }), /time at which it ends is no time/],
    ["made", record(token("made"), { created_at: '"yesterday"' }), /time at which it was made is no time/],
    ["other", record(token("other"), { token: '"another"' }), /under another token/],
    ["data", record(token("data"), { additional_data: '"x"' }), /where a table should be/],
    [
      "deep",
      record(token("deep"), { additional_data: `${"{ a = ".repeat(30)}1${" }".repeat(30)}` }),
      /cannot be kept/,
    ],
    [
      "long",
      record(token("long"), { additional_data: `{ a = "${"x".repeat(20_000)}" }` }),
      /more than 10000 characters/,
    ],
    ["bytes", record(token("bytes"), { additional_data: '{ a = "\\255" }' }), /cannot be kept/],
    [
      "nobody",
      record(token("nobody"), { additional_data: '{ allow_reset = "a@b" }' }),
      /names no valid user/,
    ],
    ["true", `\t["${token("true")}"] = true;\n`, /where a table should be/],
    ["short", record("short56789012345"), /^A token has 20 to 200/],
    ["bad", record("bad/".repeat(6)), /^A token has 20 to 200/],
  ];
  const dir = await dataFolder(app, {
    [store]: file(record(token("good")), ...bad.map(([, text]) => text), `\t[7] = {};\n`),
    "example%2eorg/invite_token/ann.dat": file(
      `\t["${token("soon")}"] = "soon";\n\t["${token("fine")}"] = ${now + 9};\n`,
    ),
    "example%2eorg/invite_token/bob.dat": "return {",
    "example%2eorg/invite_token/Eve.dat": file(`\t["${token("eve")}"] = ${now + 9};\n`),
    "example%2eorg/invite_token/%4aoe.dat": file(),
  });
  const { code, stdout } = await importProsody(app, [dir, "--json"]);
  assert.equal(code, 1);
  const { hosts, problems } = JSON.parse(stdout);
  assert.deepEqual(hosts["example.org"].invites, {
    ...{ found: 23, imported: 2, there_already: 0, expired: 0, failed: 21 },
  });
  const reasons = problems.map(({ what, reason }: Record<string, string>) => [what, reason]);
  for (const [name, , pattern] of bad) {
    const told = reasons.find(([what]: string[]) =>
      what?.startsWith(`${name}------`.slice(0, 6)) || what?.startsWith(name)
    );
    assert.match(told?.[1] ?? "", pattern, name);
    assert.ok(!stdout.includes(token(name)), `${name}: a token was printed`);
  }
  for (const what of ["bob", "a token that is no text"]) {
    assert.ok(reasons.some(([one]: string[]) => one === what), what);
  }
  assert.equal((await show(app, "good")).state, "pending");
  assert.equal((await show(app, "fine")).state, "pending");
});

Deno.test("another invite that has the token is a conflict that is named, on this host and on others", async () => {
  await using app = await createTestApp({ hosts: ["example.org", "example.net"] });
  const other = (jid: string) => file(record(token("same"), { jid: `"${jid}"` }));
  const first = await dataFolder(app, { "example%2enet/invite_token.dat": other("example.net") });
  assert.equal((await importProsody(app, [first])).code, 0);
  await dataFolder(app, { [store]: other("example.org") });
  for (const flags of [["--dry-run"], []]) {
    const { code, stderr } = await importProsody(app, [first, ...flags]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^example\.org, invites "same--[\w-]{10}": Its token belongs to another invite here\.$/m,
    );
  }
  await dataFolder(app, { "example%2enet/invite_token.dat": other("ann@example.net") });
  assert.match(
    (await importProsody(app, [first, "--host", "example.net"])).stderr,
    /^example\.net, .*another invite/m,
  );
});

Deno.test("of two invites for one username the first made keeps it, as everywhere; the other is named", async () => {
  await using app = await createTestApp();
  const of = (name: string, made: number) =>
    record(token(name), { jid: '"ann@example.org"', created_at: String(now - made) });
  const dir = await dataFolder(app, { [store]: file(of("later", 10), of("first", 20), of("last", 5)) });
  const { code, stderr } = await importProsody(app, [dir]);
  assert.equal(code, 1);
  assert.equal(stderr.match(/The username ann is kept for somebody who has another invite\./g)?.length, 2);
  assert.equal((await show(app, "first")).jid, "ann@example.org");
  await assert.rejects(show(app, "later"), { code: "not-found" });
});

Deno.test("from SQLite a damaged row is named, and all others come in", async () => {
  await using app = await createTestApp();
  const row = (
    name: string,
    value: unknown,
    user = "",
    type = "json",
  ) => [
    "example.org",
    user,
    "invite_token",
    token(name),
    type,
    typeof value === "string" ? value : JSON.stringify(value),
  ];
  const usualOf = (name: string, more = {}) =>
    row(name, {
      ...{ type: "register", jid: "example.org", token: token(name), allow_registration: true },
      ...{ created_at: now - 3_600, expires: now + 3_600, ...more },
    });
  const path = sqliteFile(app, [
    usualOf("plain"),
    row("damage", '{"type":"regis'),
    usualOf("roles", { additional_data: { roles: { __array: ["prosody:admin"] }, groups: [] } }),
    usualOf("both", { type: "roster", jid: "eve@example.org" }),
    row("both", String(now + 3_600), "eve", "number"),
    row("contact", String(now + 3_600), "eve", "number"),
    row("damagd", "soon", "eve", "number"),
  ]);
  const { code, stdout, stderr } = await importProsody(app, [path]);
  assert.equal(code, 1);
  assert.match(stdout, /invites {6}6 {9}4 {14}0 {8}0 {7}2$/m);
  assert.match(
    stderr,
    /^example\.org, invites "damage[\w-]{10}": A value of the type "json" cannot be read\.$/m,
  );
  assert.deepEqual((await show(app, "roles")).roles, ["prosody:admin"]);
  assert.equal((await show(app, "both")).register, true);
  assert.equal((await show(app, "contact")).register, false);
});
