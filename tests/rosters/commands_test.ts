import assert from "node:assert/strict";
import fc from "fast-check";
import { parseStanza, serialiseStanza, xml } from "../../src/channel/stanza.ts";
import { createProgress } from "../../src/cli/progress.ts";
import { buildCli, runCli } from "../../src/cli/run.ts";
import type { Streams } from "../../src/cli/streams.ts";
import { normaliseLocal } from "../../src/core/jid.ts";
import { rosterCommands } from "../../src/rosters/commands.ts";
import { readContact, type RosterItem, subscriptions, textFault } from "../../src/rosters/roster.ts";
import { findRoster, insertRoster, listRosters, putItems, updateHead } from "../../src/rosters/store.ts";
import { writeStore } from "../../src/prosody/data_folder.ts";
import { writeRoster } from "../../src/prosody/stored_rosters.ts";
import { repository } from "../e2e/process.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const host = "example.org";
const decoder = new TextDecoder();

/** One command line, in this process. */
async function run(app: TestApp, args: readonly string[], { stdin = "", isWatched = false } = {}) {
  const said = { code: 0, stdout: "", stderr: "" };
  const streams: Streams = {
    stdin: () => new Blob([stdin]).stream(),
    write: (text) => Promise.resolve(void (said.stdout += text)),
    say: (text) => void (said.stderr += text),
    isWatched,
  };
  const cli = buildCli(rosterCommands((_, work) => work(app.services), streams), "0");
  said.code = await runCli(cli, ["rosters", ...args], {
    stdout: { write: (text) => void (said.stdout += text) },
    stderr: { write: streams.say },
  });
  return said;
}

Deno.test("a roster is set from a file or stdin and shown, for people and for scripts", async () => {
  await using app = await createTestApp();
  const roster = { "bob@example.net": { name: "Bob", groups: ["Friends", "Work"], subscription: "none" } };
  await Deno.writeTextFile(`${app.dir}/ann.json`, JSON.stringify(roster));
  const dry = await run(app, ["set", "ann@example.org", `${app.dir}/ann.json`, "--dry-run"]);
  assert.deepEqual([dry.code, dry.stdout], [0, "+ bob@example.net\n"]);
  assert.match(dry.stderr, /^Would be: 1 added.*Nothing was changed/);
  const none = await run(app, ["show", "ann@example.org"]);
  assert.deepEqual([none.code, none.stdout], [0, ""]);
  assert.match(none.stderr, /^No roster is kept here/);

  assert.equal((await run(app, ["set", "ann@example.org", `${app.dir}/ann.json`])).code, 0);
  const shown = await run(app, ["show", "ann@example.org"]);
  assert.equal(shown.stdout, "bob@example.net\tnone\tBob\tFriends, Work\n");
  assert.match(shown.stderr, /^1 contact, version 1\.\n$/);
  const json = await run(app, ["show", "ann@example.org", "--json"]);
  assert.deepEqual([JSON.parse(json.stdout), json.stderr], [roster, ""]);

  const again = await run(app, ["set", "ann@example.org", "-"], { stdin: json.stdout });
  assert.deepEqual([again.code, again.stdout, again.stderr.slice(0, 12)], [0, "", "It is so alr"]);
  const other = await run(app, ["set", "ann@example.org", "-", "--json"], {
    stdin: '{"cat@example.org":{}}',
  });
  assert.deepEqual(JSON.parse(other.stdout), {
    ...{ user: "ann", version: 3, added: ["cat@example.org"], changed: [], removed: ["bob@example.net"] },
  });
  assert.match((await run(app, ["show", "ann@example.org"])).stdout, /^cat@example\.org\tboth\n$/);
});

Deno.test("what set and show cannot do is said, and exits 1", async () => {
  await using app = await createTestApp();
  for (
    const [args, stdin, message] of [
      [["set", "ann@example.org", "-"], "{", /^Error: What came on stdin is not JSON/],
      [
        ["set", "ann@example.org", "-"],
        '{"bob@example.org":{},"bob@example.org":{}}',
        /^Error: What came on stdin names a member twice in one object at line 1, column 23\.$/m,
      ],
      [["set", "ann@example.org", "-"], '{"ann@example.org":{}}', /Nobody is a contact of themselves/],
      [["set", "ann@example.org", `${app.dir}/none`], "", /^Error: .*none cannot be read/],
      [["set", "ann", "-"], "{}", /^Error: "ann" is not a user's address/],
      [["show", "ann@example.com"], "", /^Error: .*not served here/],
      [["show", "ann@example.org/phone/2"], "", /^Error: .* is one client .*: "ann@example\.org"\.$/m],
      [["set", "ann@example.org/phone", "-"], "{}", /^Error: .* is one client .*: "ann@example\.org"\.$/m],
      [["import", "example.com", "-"], "", /^Error: .*not served here/],
      [["import", "example.org", `${app.dir}/none`], "", /^Error: .*none cannot be read/],
      [["import", "example.org", `${app.dir}/couplet.db`], "", /^Error: .*couplet.db cannot be read/],
      [["export", "example.org", "--to", "/proc/none/x"], "", /^Error: \/proc\/none\/x cannot be written/],
      [
        ["export", "example.org", "--to", "/proc/none.ndjson"],
        "",
        /^Error: \/proc\/none.ndjson cannot be written/,
      ],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(app, args, { stdin });
    assert.deepEqual([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, message, args.join(" "));
  }
  assert.equal((await run(app, ["set", "ann@example.org"])).code, 2);
  assert.equal((await run(app, ["import", "example.org"])).code, 2);
});

const contact = { subscription: "both", approved: false, groups: ["Friends"] };

Deno.test("an import counts on stdout, tells what is left out on stderr, and exits 1 if a user failed", async () => {
  await using app = await createTestApp();
  const dir = `${app.dir}/prosody`;
  const items = new Map([["bob@example.net", contact], ["b b@example.net", contact]]);
  await writeRoster(dir, host, "ann", { version: 5, items, pending: new Map() });
  const good = await run(app, ["import", "example.org", dir, "--dry-run"]);
  assert.deepEqual([good.code, good.stdout], [
    0,
    "would be imported: 1 users with 1 contacts\nleft alone: 0 users with a roster here\nleft out: 1 contacts\nfailed: 0 users\n",
  ]);
  assert.equal(good.stderr, '"ann": "b b@example.net" left out: This is not a JID.\nNothing was changed.\n');
  await writeStore(dir, host, "roster", "bad", "no roster");
  const bad = await run(app, ["import", "example.org", dir, "--json"]);
  assert.deepEqual([bad.code, bad.stderr], [1, ""]);
  const { problems, ...count } = JSON.parse(bad.stdout);
  assert.deepEqual(count, {
    ...{ users: 2, imported: 1, kept: 0, failed: 1, contacts: 1, left_out: 1, dry_run: false },
  });
  assert.deepEqual(problems.map(({ user, contact }: Record<string, string>) => [user, contact]).sort(), [
    ["ann", "b b@example.net"],
    ["bad", undefined],
  ]);
  assert.equal((await run(app, ["show", "ann@example.org"])).stdout, "bob@example.net\tboth\t\tFriends\n");
  const nothing = await run(app, ["import", "example.net", dir]);
  assert.equal(nothing.code, 1);
  assert.match(
    nothing.stderr,
    /^There are no rosters of example\.net in .* holds a folder example%2enet\/roster\/;/,
  );
});

Deno.test("at most a hundred left out are told, and all are counted", async () => {
  await using app = await createTestApp();
  const roster = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`a b${i}@example.net`, {}]));
  const stdin = JSON.stringify({ user: "ann", version: 1, roster });
  const { stdout, stderr } = await run(app, ["import", "example.org", "-"], { stdin });
  assert.match(stdout, /^left out: 150 contacts$/m);
  assert.equal(stderr.match(/left out: This is not a JID/g)?.length, 100);
  assert.match(stderr, /^and 50 more that were left out$/m);
});

Deno.test("something else than a source is refused in one sentence that says what would do", async () => {
  await using app = await createTestApp();
  const stdin = "root:x:0:0\ndaemon:x:1:1\nbin:x:2:2\nsys:x:3:3\n";
  await Deno.writeTextFile(`${app.dir}/passwd`, stdin);
  for (
    const [source, name] of [[`${app.dir}/passwd`, `${app.dir}/passwd`], ["-", "What came on stdin"]] as const
  ) {
    const { code, stdout, stderr } = await run(app, ["import", "example.org", source], { stdin });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(
      stderr,
      `Error: ${name} cannot be read: it is no export of rosters, no SQLite file and no folder. Give Prosody's data ` +
        "folder (such as /var/lib/prosody), its SQLite file, or what `couplet rosters export` has written. " +
        "Nothing was imported.\n",
    );
  }
});

Deno.test("an export into a folder with a link in it is refused in plain words", async () => {
  await using app = await createTestApp();
  await run(app, ["set", "ann@example.org", "-"], { stdin: '{"cat@example.org":{}}' });
  await Deno.mkdir(`${app.dir}/elsewhere`);
  await Deno.mkdir(`${app.dir}/to`);
  await Deno.symlink(`${app.dir}/elsewhere`, `${app.dir}/to/example%2eorg`);
  const { code, stderr } = await run(app, ["export", "example.org", "--to", `${app.dir}/to`]);
  assert.equal(code, 1);
  assert.equal(
    stderr,
    `Error: ${app.dir}/to cannot be written: ${app.dir}/to/example%2eorg is a symbolic link, and nothing is ` +
      "written through one: put a folder there.\n",
  );
  assert.deepEqual(await Array.fromAsync(Deno.readDir(`${app.dir}/elsewhere`)), []);
});

Deno.test("a program without the right to read says so in plain words, once", async () => {
  await using app = await createTestApp();
  const args = ["rosters", "import", host, "/etc/hostname"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--frozen", "--allow-env", "--allow-sys"],
      ...[`--allow-read=${app.dir}`, `--allow-write=${app.dir}`, `${repository}/main.ts`, ...args],
    ],
    env: { COUPLET_DATA_DIR: `${app.dir}/data`, COUPLET_HOSTS: host },
    stdin: "null",
  }).output();
  assert.equal(code, 1);
  assert.equal(
    decoder.decode(stderr),
    "Error: /etc/hostname cannot be read: this program was started without the right to read " +
      '"/etc/hostname".\n',
  );
});

Deno.test("half an export is not taken for one, and is for its owner alone", async () => {
  await using app = await createTestApp();
  await run(app, ["set", "ann@example.org", "-"], { stdin: '{"cat@example.org":{}}' });
  const to = `${app.dir}/all.ndjson`;
  const { code, stdout, stderr } = await run(app, ["export", "example.org", "--to", to]);
  assert.deepEqual([code, stdout, stderr], [0, "", `Exported 1 users with 1 contacts to ${to}.\n`]);
  assert.equal((await Deno.stat(to)).mode! & 0o777, 0o600);
  assert.equal(await Deno.readTextFile(to), (await run(app, ["export", "example.org"])).stdout);
  await assert.rejects(Deno.stat(`${to}.part`), Deno.errors.NotFound);
  await app.database.write((db) => db.updateTable("roster").set({ pending: "{" }).execute()); // it cannot be read
  await Deno.remove(to);
  assert.equal((await run(app, ["export", "example.org", "--to", to])).code, 1);
  for (const name of [to, `${to}.part`]) await assert.rejects(Deno.stat(name), Deno.errors.NotFound);
});

Deno.test("a request that is no XML keeps nobody from being written to a folder", async () => {
  await using app = await createTestApp();
  await app.database.write(async (db) => {
    await updateHead(
      db,
      await insertRoster(db, host, "ann"),
      1,
      new Map([["eve@example.net", "<presence>"]]),
    );
    await updateHead(db, await insertRoster(db, host, "ben"), 1);
  });
  const { code, stderr } = await run(app, ["export", "example.org", "--to", `${app.dir}/new/folder`]);
  assert.equal(code, 0);
  assert.match(stderr, /^Exported 2 users /);
  const names = Array.from(
    Deno.readDirSync(`${app.dir}/new/folder/example%2eorg/roster`),
    ({ name }) => name,
  );
  assert.deepEqual(names.sort(), ["ann.dat", "ben.dat"]);
});

Deno.test("who watches sees how far it is; what is said in between stays", () => {
  let [time, said] = [0, ""];
  const progress = createProgress({ say: (text) => void (said += text), isWatched: true }, {
    ...{ unit: "users", things: "contacts", total: 4_000, clock: () => time },
  });
  time = 10_000;
  progress.update(1_000, 50_000);
  progress.update(1_001, 50_050);
  progress.say("One is left out.");
  progress.end();
  assert.equal(
    said,
    "\r\x1b[K1,000 of 4,000 users, 5,000 contacts/s, 0:30 left\r\x1b[KOne is left out.\n",
  );
});

Deno.test("nobody who does not watch sees progress", async () => {
  await using app = await createTestApp();
  const stdin = '{"user":"ann","roster":{}}';
  assert.equal((await run(app, ["import", "example.org", "-"], { stdin })).stderr.includes("\r"), false);
  const watched = await run(app, ["import", "example.org", "-", "--replace"], { stdin, isWatched: true });
  assert.ok(watched.stderr.startsWith("\r\x1b[K1 users, "), watched.stderr);
});

// Any roster that may be kept.

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((value) => textFault(value, "It") === undefined);
const username = fc.oneof(
  fc.stringMatching(/^[a-z0-9._-]{1,10}$/),
  fc.string({ unit: "grapheme", maxLength: 8 }),
)
  .map((value) => normaliseLocal(value) ?? "").filter((value) =>
    value !== "" && normaliseLocal(value) === value
  );
const jid = fc.tuple(fc.option(username), fc.stringMatching(/^[a-z0-9]{1,8}(\.[a-z]{1,6}){0,2}$/))
  .map(([local, domain]) => local === null ? domain : `${local}@${domain}`)
  .filter((value) => {
    const found = readContact(value, "");
    return typeof found !== "string" && found.jid === value;
  });
const item: fc.Arbitrary<RosterItem> = fc.record({
  name: fc.option(text, { nil: undefined }),
  groups: fc.uniqueArray(text, { maxLength: 3 }).map((groups) => groups.sort()),
  subscription: fc.constantFrom(...subscriptions),
  ask: fc.boolean(),
  approved: fc.boolean(),
}).map(({ name, subscription, ask, approved, ...more }) => ({
  ...(name !== undefined && { name }),
  ...{ ...more, subscription },
  ask: ask && (subscription === "none" || subscription === "from"),
  approved: approved && (subscription === "none" || subscription === "to"),
}));
const request = fc.oneof(
  fc.constant(true as const),
  // By Prosody's folder attributes come back in the order of their names.
  fc.tuple(text, text).map(([status, attr]) =>
    serialiseStanza(parseStanza(
      xml("presence", { from: "eve@example.net/x", type: "subscribe" }, xml("status", { lang: attr }, status))
        .toString(),
    ))
  ),
);
const stored = fc.dictionary(
  username,
  fc.record({
    version: fc.integer({ min: 1, max: 2 ** 40 }),
    items: fc.array(fc.tuple(jid, item), { maxLength: 6 }).map((all) => new Map(all)),
    pending: fc.array(fc.tuple(jid, request), { maxLength: 2 }).map((all) => new Map(all)),
  }),
  { maxKeys: 5, noNullPrototype: true },
).map((rosters) => new Map(Object.entries(rosters).filter(([user]) => user !== "__proto__")));

async function everything(app: TestApp) {
  const users = await listRosters(app.database.db, host, "", 1_000);
  return await Promise.all(users.map(async (user) => {
    const { id: _, items, pending, ...roster } = (await findRoster(app.database.db, host, user))!;
    return { user, ...roster, items: Object.fromEntries(items), pending: Object.fromEntries(pending) };
  }));
}

for (
  const [name, to] of [["a file", "all.ndjson"], ["Prosody's folder", "prosody"]] as const
) {
  Deno.test(`any rosters that are exported to ${name} and imported elsewhere are the same`, async () => {
    await using from = await createTestApp();
    await using into = await createTestApp();
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(stored, async (rosters) => {
        for (const { database } of [from, into]) {
          await database.write((db) => db.deleteFrom("roster").execute());
        }
        await from.database.write(async (db) => {
          for (const [user, { version, items, pending }] of rosters) {
            const own = `${user}@${host}`;
            const id = await insertRoster(db, host, user);
            await putItems(db, id, [...items].filter(([jid]) => jid !== own));
            await updateHead(db, id, version, new Map([...pending].filter(([jid]) => jid !== own)));
          }
        });
        const path = `${from.dir}/${seen++}-${to}`;
        const exported = await run(from, ["export", "example.org", "--to", path]);
        assert.equal(exported.code, 0, exported.stderr);
        const { code, stderr } = await run(into, ["import", "example.org", path]);
        if (rosters.size > 0) assert.deepEqual([code, stderr], [0, "Done.\n"]);
        else assert.equal(code, 1);
        assert.deepEqual(await everything(into), await everything(from));
      }),
      { numRuns: 60 },
    );
    assert.ok(seen >= 60);
  });
}

Deno.test("the real program exports to stdout and imports from stdin", async () => {
  await using app = await createTestApp();
  await Deno.writeFile(`${app.dir}/secret.key`, new Uint8Array(32));
  await run(app, ["set", "ann@example.org", "-"], { stdin: '{"cat@example.org":{"name":"Cat"}}' });
  const program = ["run", "--quiet", "--frozen", "--allow-all", `${repository}/main.ts`, "rosters"];
  const start = (dir: string, ...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: [...program, ...args],
      env: { COUPLET_DATA_DIR: dir, COUPLET_HOSTS: host },
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
  const exporting = start(app.dir, "export", host);
  await exporting.stdin.close();
  const exported = await exporting.output();
  assert.equal(decoder.decode(exported.stderr), "Exported 1 users with 1 contacts.\n");
  const importing = start(`${app.dir}/other`, "import", host, "-");
  const writer = importing.stdin.getWriter();
  await writer.write(exported.stdout);
  await writer.write(new TextEncoder().encode("broken\n"));
  await writer.close();
  const { code, stdout, stderr } = await importing.output();
  assert.equal(code, 1);
  assert.match(decoder.decode(stdout), /^imported: 1 users with 1 contacts$/m);
  assert.match(decoder.decode(stderr), /^"line 2" failed: This is not JSON/);
});
