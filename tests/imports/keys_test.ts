import assert from "node:assert/strict";
import { makeSecret, systemRandom } from "../../src/core/token.ts";
import { createKeys } from "../../src/keys/keys.ts";
import { createTestApp } from "../harness.ts";
import { dataFolder, dump, file, importProsody, now, sqliteFile } from "./rig.ts";

const store = "example%2eorg/invite_api_keys.dat";
// As mod_invites_api made them on 0.12 and 13, and on 0.11.
const [id, secret] = ["wDFwS2sKxg3Z", "y25ILHfvLmcTJpm3aoIuMzx6LRC3U7hFUdzH"];
const [shortId, shortSecret] = ["-Ab_3xYz", "0123456789abcdefghijklmnopqrstuv"];

/** A record of one key, with other members in the place of the usual ones. */
function key(id: string, secret: string, members: Readonly<Record<string, string | undefined>> = {}): string {
  const all = {
    ...{ id: `"${id}"`, token: `"${secret}"`, created_at: String(now - 86_400), name: '"My test key"' },
    allowed_methods: '{ ["GET"] = true; ["POST"] = true; }',
    ...members,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `\t\t["${name}"] = ${value};\n`);
  return `\t["${id}"] = {\n${lines.join("")}\t};\n`;
}

Deno.test("the line that a script has with a key of mod_invites_api goes on working, and makes invites only", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, {
    [store]: file(key(id, secret), key(shortId, shortSecret, { name: undefined })),
  });
  const old = `/invites_api?key=${id}/${secret}`;
  assert.equal((await app.fetch(old)).status, 403);
  const { code, stdout } = await importProsody(app, [dir]);
  assert.equal(code, 0);
  assert.match(stdout, /^example\.org {2}keys {9}2 {9}2 {14}0 {8}0 {7}0$/m);
  await app.database.write(() => Promise.resolve());
  for (const one of [`${id}/${secret}`, `${id}%2F${secret}`, `${shortId}/${shortSecret}`]) {
    const response = await app.fetch(`/invites_api?key=${one}`);
    assert.equal(response.status, 201, one);
    assert.match(response.headers.get("location") ?? "", /\/invite\/[\w-]{24}$/);
  }
  const bearer = `${id}/${secret}`;
  assert.equal((await app.fetch("/invites_api", { key: bearer })).status, 201);
  assert.equal((await app.fetch("/v1/invites", { key: bearer, method: "POST", json: {} })).status, 201);
  for (
    const [path, json] of [
      ["/v1/invites", { reset: "ann" }],
      ["/v1/invites", { roles: ["prosody:admin"] }],
      ["/v1/invites", { groups: ["g"] }],
    ] as const
  ) {
    assert.equal(
      (await app.fetch(path, { key: bearer, method: "POST", json })).status,
      403,
      JSON.stringify(json),
    );
  }
  assert.equal((await app.fetch("/v1/invites", { key: bearer })).status, 403);
  assert.equal((await app.fetch(`http://example.net${old}`)).status, 403);
  const [first, second] = await app.services.keys.list("example.org");
  for (const [found, name] of [[first, undefined], [second, "My test key"]] as const) {
    assert.deepEqual([found?.name, found?.scopes, found?.expires_at], [name, ["invites:create"], undefined]);
    assert.equal(found?.created_at, (now - 86_400) * 1000);
  }
});

Deno.test("no secret is printed or kept, wherever something is wrong", async () => {
  await using app = await createTestApp();
  const bad = "N0tASecretButKnown";
  const dir = await dataFolder(app, {
    [store]: file(
      key(id, secret),
      key("badsecret123", bad),
      key("waytoolong12345", secret.toLowerCase()),
      key("other1234567", secret.toUpperCase(), { id: '"another"' }),
    ),
  });
  for (const flags of [["--dry-run"], ["--json"], [], []]) {
    const said = await importProsody(app, [dir, ...flags]);
    assert.equal(said.code, 1);
    for (const text of [secret, bad]) {
      assert.ok(!JSON.stringify(said).toLowerCase().includes(text.toLowerCase()), flags.join());
    }
  }
  assert.ok(!dump(app).toLowerCase().includes(secret.toLowerCase()));
  for await (const { name } of Deno.readDir(app.dir)) {
    if (name === "prosody") continue;
    const text = new TextDecoder("latin1").decode(await Deno.readFile(`${app.dir}/${name}`));
    assert.ok(!text.toLowerCase().includes(secret.toLowerCase()) && !text.includes(bad), name);
  }
});

Deno.test("keys that cannot be taken over are named with the reason, and the others come in", async () => {
  await using app = await createTestApp();
  const bad: [string, string, RegExp][] = [
    ["weak12345678", key("weak12345678", "secret"), /may be easy to guess/],
    ["ours12345678", key("ours12345678", makeSecret(systemRandom).slice(0, 36)), /may be easy to guess/],
    ["mark12345678", key("mark12345678", `${secret.slice(1)}!`), /may be easy to guess/],
    ["short12", key("short12", secret), /8 to 12/],
    ["a/b456789012", key("a/b456789012", secret), /8 to 12/],
    ["none12345678", key("none12345678", secret, { token: undefined }), /Its secret is no text/],
    [
      "post12345678",
      key("post12345678", secret, { allowed_methods: '{ ["POST"] = true; }' }),
      /not be used with GET/,
    ],
    ["else12345678", key("else12345678", secret, { id: '"x"' }), /under another ID/],
    ["text12345678", '\t["text12345678"] = "x";\n', /where a table should be/],
  ];
  const dir = await dataFolder(app, { [store]: file(key(id, secret), ...bad.map(([, text]) => text)) });
  const before = dump(app);
  const dry = await importProsody(app, [dir, "--dry-run"]);
  assert.match(dry.stdout, /keys {8}10 {13}1 {14}0 {8}0 {7}9$/m);
  assert.equal(dump(app), before);
  const { code, stdout, stderr } = await importProsody(app, [dir, "--json"]);
  const { hosts, problems } = JSON.parse(stdout);
  assert.deepEqual([code, stderr], [1, ""]);
  assert.deepEqual(hosts["example.org"].keys, {
    ...{ found: 10, imported: 1, there_already: 0, expired: 0, failed: 9 },
  });
  for (const [what, , pattern] of bad) {
    assert.match(problems.find((one: { what: string }) => one.what === what)?.reason ?? "", pattern, what);
  }
});

Deno.test("a key that another host has, or that was rotated here, is named and stays as it is", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, {
    [store]: file(key(id, secret)),
    "example%2enet/invite_api_keys.dat": file(key(id, secret)),
  });
  const { code, stderr } = await importProsody(app, [dir]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^example\.org, keys "wDFwS2sKxg3Z": example\.net has a key with this ID\. Make a new one for example\.org\.$/m,
  );
  assert.equal((await app.fetch(`http://example.net/invites_api?key=${id}/${secret}`)).status, 201);

  const fresh = await app.services.keys.rotate("example.net", id);
  const before = dump(app);
  const again = await importProsody(app, [dir, "--host", "example.net"]);
  assert.equal(again.code, 0);
  assert.match(
    again.stderr,
    /^example\.net, keys "wDFwS2sKxg3Z": This key has another secret here, which stays/m,
  );
  assert.equal(dump(app), before);
  assert.equal((await app.fetch(`http://example.net/invites_api?key=${id}/${secret}`)).status, 403);
  assert.equal((await app.fetch(`http://example.net/invites_api?key=${fresh.key}`)).status, 201);
});

Deno.test("a name that no key here could have is cleaned, from SQLite too", async () => {
  await using app = await createTestApp();
  const value = { id, token: secret, name: "tab\tnewline\nname", created_at: now + 1e6 };
  const path = sqliteFile(app, [
    ["example.org", "", "invite_api_keys", id, "json", JSON.stringify(value)],
    ["example.org", "", "invite_api_keys", "damaged12345", "json", '{"token":"'],
  ]);
  const { code, stderr } = await importProsody(app, [path]);
  assert.equal(code, 1);
  assert.match(stderr, /^example\.org, keys "damaged12345": A value of the type "json" cannot be read\.$/m);
  const [found] = await app.services.keys.list("example.org");
  assert.deepEqual([found?.name, found?.created_at], ["tab newline name", app.now()]);
});

Deno.test("the store is not asked for what cannot be a key, and a key that can be one is nobody's until it is there", async () => {
  await using app = await createTestApp();
  const untouchable = new Proxy(app.database, {
    get(target, name, receiver) {
      if (name === "db") throw new Error("the store was asked");
      return Reflect.get(target, name, receiver);
    },
  });
  const keys = createKeys({ ...app.services, database: untouchable, clock: app.now, random: systemRandom });
  const good = `${id}/${secret}`;
  await assert.rejects(keys.authenticate("example.org", good), /the store was asked/);
  for (
    const attempt of [
      ...[
        "",
        "/",
        id,
        `${id}/`,
        `/${secret}`,
        secret,
        `${good}x`,
        `${good}/`,
        `${good}/x`,
        good.slice(0, -1),
      ],
      ...[` ${good}`, `${good} `, `${good}\n`, good.replace("/", "//"), good.replace("/", "%2F")],
      ...[`short12/${secret}`, `muchtoolongid/${secret}`, `a'--5678/${secret}`, `ä2345678/${secret}`],
      ...[`${id}/${secret.slice(0, 31)}`, `${id}/${secret.slice(0, 33)}`, `${id}/${secret.slice(0, 35)}!`],
      ...[`${id}/cplt_${secret.slice(5)}`, `${id}/cplt_${"0".repeat(36)}`, `${id}/${"\0".repeat(36)}`],
      ...["x".repeat(1e6), `${id}/${"x".repeat(1e6)}`, `${"x".repeat(1e6)}/${secret}`, "/".repeat(54)],
    ]
  ) {
    assert.equal(await keys.authenticate("example.org", attempt), undefined, attempt.slice(0, 60));
  }
});

Deno.test("of a key that was brought in, no other secret of its form is good, nor its secret under another ID", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, { [store]: file(key(id, secret), key("other1234567", shortSecret)) });
  await importProsody(app, [dir]);
  const { keys } = app.services;
  const native = await keys.create("example.org", {});
  assert.ok(await keys.authenticate("example.org", `${id}/${secret}`));
  for (
    const attempt of [
      `${id}/${shortSecret}`,
      `other1234567/${secret}`,
      `${native.id}/${secret}`,
      `${id}/${native.key.split("/")[1]}`,
      `${id}/${secret.toLowerCase()}`,
      `${id}/${secret.slice(0, 32)}`,
      `${id.toLowerCase()}/${secret}`,
    ]
  ) assert.equal(await keys.authenticate("example.org", attempt), undefined, attempt);
  assert.equal(await keys.authenticate("example.net", `${id}/${secret}`), undefined);
  await keys.delete("example.org", id);
  await new Promise((resolve) => setTimeout(resolve, 2)); // what is remembered is 1 ms old at most
  assert.equal(await keys.authenticate("example.org", `${id}/${secret}`), undefined);
});
