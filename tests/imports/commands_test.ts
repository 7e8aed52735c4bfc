import assert from "node:assert/strict";
import { createTestApp } from "../harness.ts";
import { dataFolder, dump, file, importProsody, now, record, sqliteFile, token } from "./rig.ts";

const invite = (name: string, host = "example.org") => record(token(name), { jid: `"${host}"` });
const roster = (jid: string) =>
  `return {\n\t[false] = { ["version"] = 3; };\n\t["${jid}"] = { ["subscription"] = "both"; ["groups"] = {}; };\n};\n`;
const key = file(
  '\t["wDFwS2sKxg3Z"] = { ["id"] = "wDFwS2sKxg3Z"; ["token"] = "y25ILHfvLmcTJpm3aoIuMzx6LRC3U7hFUdzH"; };\n',
);

const files = {
  "example%2eorg/invite_token.dat": file(invite("one"), invite("two")),
  "example%2eorg/invite_api_keys.dat": key,
  "example%2eorg/roster/ann.dat": roster("bob@example.net"),
  "example%2enet/invite_token.dat": file(invite("net", "example.net")),
  "example%2ecom/roster/eve.dat": roster("bob@example.net"),
  "conference%2eexample%2eorg/config/room.dat": "return {};\n",
  "xn--not_prosodys/roster/eve.dat": roster("bob@example.net"),
  "junk.dat": "junk",
};

Deno.test("one command brings in all kinds of all hosts that are served, and names those that are not", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, files);
  const { code, stdout, stderr } = await importProsody(app, [dir]);
  assert.equal(code, 0);
  assert.deepEqual(stdout.split("\n").map((line) => line.replace(/ {2,}/g, "|")).slice(1), [
    ...["example.net|keys|0|0|0|0|0", "example.net|rosters|0|0|0|0|0", "example.net|groups|0|0|0|0|0"],
    "example.net|invites|1|1|0|0|0",
    ...["example.org|keys|1|1|0|0|0", "example.org|rosters|1|1|0|0|0", "example.org|groups|0|0|0|0|0"],
    ...["example.org|invites|2|2|0|0|0", ""],
  ]);
  assert.equal(
    stderr,
    'example.com is not served here and was left out: add it to "hosts" and run this again.\nDone.\n',
  );
  assert.equal(await app.services.rosterTransfer.count("example.org"), 1);
  const before = dump(app);
  assert.equal((await importProsody(app, [dir])).code, 0);
  assert.equal(dump(app), before);
});

Deno.test("--host and --only narrow it down, and --json tells all there is to tell", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, files);
  const { code, stdout, stderr } = await importProsody(app, [
    ...[dir, "--host", "EXAMPLE.org", "--only", "invites,rosters", "--dry-run", "--json"],
  ]);
  const none = { there_already: 0, expired: 0, failed: 0 };
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(JSON.parse(stdout), {
    ...{ source: dir, dry_run: true, not_served: [], not_found: [], problems: [] },
    hosts: {
      "example.org": {
        invites: { found: 2, imported: 2, ...none },
        rosters: { found: 1, imported: 1, ...none, contacts: 1 },
      },
    },
  });
  assert.equal((await app.services.keys.list("example.org")).length, 0);
});

Deno.test("what cannot be done at all is said in a sentence, exits 1 and changes nothing", async () => {
  await using app = await createTestApp({ hosts: ["example.org", "example.net", "empty.example"] });
  const dir = await dataFolder(app, files);
  await Deno.writeTextFile(`${app.dir}/text`, "no database\n".repeat(100));
  await Deno.mkdir(`${app.dir}/nothing`);
  const before = dump(app);
  for (
    const [args, pattern] of [
      [[`${app.dir}/none`], /^Error: .*none cannot be read: .*Give Prosody's data folder/m],
      [[`${app.dir}/text`], /^Error: .*text cannot be read: .*SQLite file\.$/m],
      [[`${app.dir}/couplet.db`], /^Error: .*cannot be read: no such table/m],
      [[`${app.dir}/nothing`], /^There is nothing of a host that is served in/m],
      [[dir, "--host", "example.com"], /^Error: "example\.com" is not served here/m],
      [[dir, "--host", "empty.example"], /^There is nothing of empty\.example in /m],
    ] as const
  ) {
    const { code, stderr } = await importProsody(app, args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, pattern, args.join(" "));
  }
  assert.equal(dump(app), before);
  for (const args of [[], [dir, "--only", "invites,everything"], [dir, dir], [dir, "--only", ""]]) {
    assert.equal((await importProsody(app, args)).code, 2, args.join(" "));
  }
});

Deno.test("where a web app decides about rosters they stay out, and that is no failure", async () => {
  const toml = 'rosters.policy = "upstream"\nrosters.http_roster_url = "http://127.0.0.1:1/%s"';
  await using app = await createTestApp({ toml });
  const dir = await dataFolder(app, files);
  const { code, stdout, stderr } = await importProsody(app, [dir, "--host", "example.org"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /invites +2 +2 /);
  assert.match(stderr, /^example\.org, rosters: The web app decides about the rosters of example\.org\.$/m);
  assert.equal(await app.services.rosterTransfer.count("example.org"), 0);
});

Deno.test("a file that is damaged, huge or no file takes nothing else with it", async () => {
  await using app = await createTestApp();
  const dir = await dataFolder(app, {
    ...files,
    "example%2enet/invite_token.dat": 'return { ["a"] = os.exit(1) };\n',
    "example%2enet/invite_api_keys.dat": key,
    "example%2eorg/invite_api_keys.dat/x": "",
  }).catch(async () => { // the key file of example.org becomes a folder
    await Deno.remove(`${app.dir}/prosody/example%2eorg/invite_api_keys.dat`);
    await Deno.mkdir(`${app.dir}/prosody/example%2eorg/invite_api_keys.dat`);
    return `${app.dir}/prosody`;
  });
  const { code, stdout, stderr } = await importProsody(app, [dir]);
  assert.equal(code, 1);
  assert.match(stderr, /^example\.net, invites: Line 1: /m);
  assert.match(stderr, /^example\.org, keys: This is no file\.$/m);
  assert.match(stdout, /^example\.net +keys +1 +1 /m);
  assert.match(stdout, /^example\.org +invites +2 +2 /m);
  assert.match(stdout, /^example\.org +rosters +1 +1 /m);
});

Deno.test("hosts are found in SQLite, and every kind of theirs", async () => {
  await using app = await createTestApp();
  const one = (host: string, name: string) => [
    ...[host, "", "invite_token", token(name), "json"],
    JSON.stringify({ type: "register", jid: host, expires: now + 9 }),
  ];
  const path = sqliteFile(app, [
    one("example.org", "one"),
    one("example.net", "two"),
    one("example.com", "three"),
    ["rooms.example.com", "room", "config", "x", "string", "y"],
    ["example.org", "ann", "roster", "bob@example.net", "json", '{"subscription":"both","groups":[]}'],
  ]);
  const { code, stdout } = await importProsody(app, [path, "--json"]);
  const { hosts, not_served } = JSON.parse(stdout);
  assert.deepEqual([code, Object.keys(hosts), not_served], [0, ["example.net", "example.org"], [
    "example.com",
  ]]);
  assert.deepEqual([hosts["example.org"].invites.imported, hosts["example.org"].rosters.contacts], [1, 1]);
});

Deno.test("who watches sees how far it is, and at most a hundred lines of what went wrong", async () => {
  await using app = await createTestApp();
  const names = Array.from({ length: 150 }, (_, i) => `bad${i}`);
  const dir = await dataFolder(app, {
    "example%2eorg/invite_token.dat": file(
      ...names.map((name) => record(token(name), { jid: "7" })),
      ...names.map((name) => invite(`good${name}`)),
    ),
    "example%2eorg/roster/ann.dat": roster("bob@example.net"),
  });
  const { stderr } = await importProsody(app, [dir], { isWatched: true });
  assert.equal(stderr.match(/Its JID is no text/g)?.length, 100);
  assert.match(stderr, /and 50 more that are not told here; --json has them\.$/m);
  assert.match(stderr, /300 invites of example\.org, [\d,]+ invites\/s/);
  assert.match(stderr, /1 of 1 rosters of example\.org/);
  const quiet = await importProsody(app, [dir]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(quiet.stderr, /\u001b/);
});
