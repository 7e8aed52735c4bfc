import assert from "node:assert/strict";
import { controlNs } from "../../src/channel/stanza.ts";
import { buildCli, runCli } from "../../src/cli/run.ts";
import type { Streams } from "../../src/cli/streams.ts";
import { dataCommands } from "../../src/data/commands.ts";
import { conditionOf, control, createTestApp, type TestApp } from "../harness.ts";
import { createFakeStorage, type FakeStorage } from "./fake_storage.ts";

interface Cli extends AsyncDisposable {
  readonly app: TestApp;
  readonly stored: FakeStorage;
  /** One command line, in this process. */
  run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** The same with this on stdin. */
  fed(stdin: string, ...args: string[]): ReturnType<Cli["run"]>;
}

async function createCli(): Promise<Cli> {
  const stored = createFakeStorage();
  const app = await createTestApp({ prosody: { stored } });
  async function fed(stdin: string, ...args: string[]) {
    const said = { code: 0, stdout: "", stderr: "" };
    const streams: Streams = {
      stdin: () => new Blob([stdin]).stream(),
      write: (text) => Promise.resolve(void (said.stdout += text)),
      say: (text) => void (said.stderr += text),
      isWatched: false,
    };
    const cli = buildCli(dataCommands((_, work) => work(app.services), streams), "0");
    said.code = await runCli(cli, args, {
      stdout: { write: (text) => void (said.stdout += text) },
      stderr: { write: streams.say },
    });
    return said;
  }
  return {
    ...{ app, stored, fed },
    run: (...args) => fed("", "data", ...args),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

const john = "john@example.org";

Deno.test("get prints what is there, in JSON or as Prosody writes it, with every digit", async () => {
  await using cli = await createCli();
  cli.stored.values.set("john/any_store", '{"x",a=9007199254740993,b=-0.5,c=1.5,d=1e300}');
  const shown = await cli.run("get", john, "any_store");
  assert.deepEqual([shown.code, shown.stderr], [0, ""]);
  assert.ok(
    shown.stdout.startsWith('{\n  "__array": [\n    "x"\n  ],\n  "a": 9007199254740993,'),
    shown.stdout,
  );
  const json = await cli.run("get", john, "any_store", "--json");
  assert.equal(json.stdout, shown.stdout);
  assert.ok(json.stdout.includes('"b": -0.5'));
  const lua = await cli.run("get", "JOHN@EXAMPLE.ORG", "any_store", "--lua");
  assert.match(lua.stdout, /^\{\n\t"x";\n\t\["a"\] = 9007199254740993;\n/);
  assert.equal((await cli.fed(lua.stdout, "data", "put", john, "copy", "-", "--lua")).code, 0);
  assert.equal((await cli.fed(shown.stdout, "data", "put", john, "copy2", "-")).code, 0);
  assert.equal(cli.stored.values.get("john/copy2"), cli.stored.values.get("john/copy"));
});

Deno.test("secrets are shown to who asks for them, and told of otherwise", async () => {
  await using cli = await createCli();
  cli.stored.values.set("john/accounts", '{password="P1"}');
  cli.stored.values.set("john/auth_tokens", '{t="T1"}');
  assert.match((await cli.run("get", john, "accounts")).stdout, /"password": "\[redacted\]"/);
  assert.match((await cli.run("get", john, "accounts", "--secrets")).stdout, /"password": "P1"/);
  const refused = await cli.run("get", john, "auth_tokens");
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(refused.stderr, /^Error: .*needs --secrets\.\n$/);
  assert.match((await cli.run("get", john, "auth_tokens", "--secrets")).stdout, /T1/);
});

Deno.test("put, diff, versions and undo go together", async () => {
  await using cli = await createCli();
  const { stored, run, fed } = cli;
  const made = await fed('{"a":1}', "data", "put", john, "notes", "-");
  assert.deepEqual([made.code, made.stdout], [0, ""]);
  assert.match(made.stderr, /^Done\. `couplet data undo` puts back what was there\.\n$/);
  assert.match((await fed('{"a":1}', "data", "put", john, "notes", "-")).stderr, /Nothing was changed/);
  const path = `${cli.app.dir}/new.json`;
  await Deno.writeTextFile(path, '{"a":2}');
  const diff = await run("diff", john, "notes", path);
  assert.equal(diff.code, 0);
  assert.match(diff.stdout, /^--- before.*\n\+\+\+ after.*\n@@.*\n \{\n- {2}"a": 1\n\+ {2}"a": 2\n \}\n$/m);
  const json = JSON.parse((await run("put", john, "notes", path, "--json")).stdout);
  assert.deepEqual([json.changed, typeof json.etag], [true, "string"]);
  assert.match((await run("diff", john, "notes", path)).stderr, /^There is no difference\./);
  assert.match((await run("diff", john, "notes")).stdout, /^- {2}"a": 1\n\+ {2}"a": 2$/m);
  const both = JSON.parse((await run("diff", john, "notes", "--json")).stdout);
  assert.deepEqual(both, { same: false, before: { a: 1 }, after: { a: 2 } });
  const listed = await run("versions", john, "notes");
  assert.match(listed.stdout, /^2\t2026-01-01T00:00:00\.000Z\t5 bytes\tby cli\n1\t.*\t0 bytes\tby cli\n$/);
  assert.equal((await run("get", john, "notes", "--version", "2")).stdout, '{\n  "a": 1\n}\n');
  assert.deepEqual(JSON.parse((await run("get", john, "notes", "--version", "1", "--json")).stdout), null);
  assert.match((await run("get", john, "notes", "--version", "1")).stderr, /^There was nothing here before/);
  assert.equal((await run("undo", john, "notes")).code, 0);
  assert.equal(stored.values.get("john/notes"), "{a=1}");
  assert.equal((await run("undo", "john@EXAMPLE.ORG", "notes", "--version", "1")).code, 0);
  assert.equal(stored.values.has("john/notes"), false);
  const unknown = await run("undo", john, "notes", "--version", "99");
  assert.deepEqual([unknown.code, unknown.stderr], [
    1,
    "Error: There is no such version; only the last few are kept.\n",
  ]);
  assert.match((await run("versions", john, "other")).stderr, /^Nothing was replaced here through Couplet/);
  assert.equal((await run("versions", john, "other", "--json")).stdout, "[]\n");
});

Deno.test("a difference that is hidden is said to be one", async () => {
  await using cli = await createCli();
  cli.stored.values.set("john/accounts", '{password="P1"}');
  assert.equal((await cli.fed('{"password":"P2"}', "data", "put", john, "accounts", "-")).code, 0);
  const diff = await cli.run("diff", john, "accounts");
  assert.deepEqual([diff.stdout, diff.stderr], ["", "What differs is hidden: see it with --secrets.\n"]);
  assert.match((await cli.run("diff", john, "accounts", "--secrets")).stdout, /^- {2}"password": "P1"/m);
});

Deno.test("what cannot be done is said in a line, with exit code 1, and nothing is written", async () => {
  await using cli = await createCli();
  cli.stored.values.set("john/notes", "{a=1}");
  for (
    const [stdin, args, message] of [
      ["", ["get", "john", "notes"], /"john" is not a user's address, such as ann@example\.org/],
      ["", ["get", "example.org", "notes"], /not a user's address/],
      ["", ["get", "john@example.org/phone", "notes"], /not a user's address/],
      ["", ["get", "a b@example.org", "notes"], /not a user's address/],
      ["", ["get", "john@other.example", "notes"], /"other\.example" is not served here/],
      ["", ["get", "nobody@example.org", "notes"], /There is no such user/],
      ["", ["get", john, "nothing"], /There is nothing in nothing/],
      ["", ["get", john, "a/b"], /letters, digits and _/],
      ["", ["get", john, "roster"], /couplet rosters show john@example\.org/],
      ["", ["get", john, "invite_token"], /couplet invites list example\.org/],
      ["", ["diff", john, "notes", "/no/such/file", "--version", "1"], /not with both/],
      ["", ["put", john, "notes", "/no/such/file"], /\/no\/such\/file cannot be read/],
      ["", ["put", john, "notes", "-"], /ends where a value was expected/],
      ["1", ["put", john, "notes", "-"], /an object or a list/],
      ["{a=1}", ["put", john, "notes", "-"], /What came on stdin is not JSON/],
      ["", ["put", john, "notes", "README.md"], /README\.md is not JSON/],
      ['{"a":1}', ["put", john, "notes", "-", "--lua"], /Line 1/],
      ['{"a":1}', ["put", john, "vcard", "-"], /not what Prosody keeps[^]*\/name: An element needs a name/],
      ['{"a":"[redacted]"}', ["put", john, "accounts", "-"], /was hidden/],
      ["", ["undo", john, "notes"], /Nothing was replaced here through Couplet/],
      ["", ["diff", john, "notes"], /Nothing was replaced here through Couplet/],
    ] as [string, string[], RegExp][]
  ) {
    const said = await cli.fed(stdin, "data", ...args);
    assert.deepEqual([said.code, said.stdout], [1, ""], `${args.join(" ")}: ${said.stdout}${said.stderr}`);
    assert.match(said.stderr, message, args.join(" "));
    assert.match(said.stderr, /^Error: /);
    assert.ok(!said.stderr.includes("    at "), said.stderr);
  }
  assert.ok(cli.stored.calls.every(({ call }) => call !== "set"));
  cli.stored.isAway = true;
  const away = await cli.run("get", john, "notes");
  assert.deepEqual([away.code, away.stderr], [1, "Error: Prosody is not there.\n"]);
  for (
    const args of [["get", john], ["get", john, "notes", "--version", "0"], ["nothing"], ["put", john, "x"]]
  ) {
    assert.equal((await cli.run(...args)).code, 2, args.join(" "));
  }
});

Deno.test("help tells of every command and its flags", async () => {
  await using cli = await createCli();
  const help = await cli.fed("", "help", "data");
  assert.equal(help.code, 0);
  for (const name of ["get", "put", "diff", "undo", "versions"]) {
    assert.match(help.stdout, new RegExp(`^ +${name} `, "m"));
    const own = await cli.fed("", "help", "data", name);
    assert.match(own.stdout, /USER@HOST/);
  }
  assert.match((await cli.fed("", "help", "data", "get")).stdout, /--secrets.*--version|--secrets/s);
});

Deno.test("what the command line asks through the daemon is asked of Prosody, and nothing else is", async () => {
  await using cli = await createCli();
  const { stored, app } = cli;
  const ask = (type: "get" | "set", attrs: Record<string, string>, ...text: string[]) =>
    app.iq(type, "example.org", control("data", attrs, ...text));
  const place = { user: "john", store: "notes", call: "get" };
  stored.values.set("john/notes", '{a="<&>"}');
  const got = (await ask("get", place)).getChild("data", controlNs);
  assert.deepEqual([got?.attrs.is, got?.getText()], ["value", '{a="<&>"}']);
  const absent = (await ask("get", { ...place, store: "other" })).getChild("data", controlNs);
  assert.deepEqual([absent?.attrs.is, absent?.getText()], ["nothing", ""]);
  const was = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode('{a="<&>"}')))
    .toHex();
  const done = (await ask("set", { ...place, was }, "{ b = 1 }")).getChild("data", controlNs);
  assert.deepEqual([done?.attrs.is, stored.values.get("john/notes")], ["done", "{b=1}"]);
  const before = stored.calls.length;
  for (
    const [attrs, text] of [
      [{ ...place, user: "JOHN", was }, "{}"],
      [{ ...place, user: "", was }, "{}"],
      [{ ...place, store: "a b", was }, "{}"],
      [{ ...place, store: "../x", was }, "{}"],
      [place, "{}"],
      [{ ...place, was }, "os.exit()"],
      [{ ...place, was }, "{} os.exit()"],
      [{ ...place, was }, "{a=1,a=2}"],
    ] as const
  ) {
    const told = await ask("set", attrs, text);
    assert.match(conditionOf(told) ?? "", /bad-request/, text);
  }
  assert.equal(stored.calls.length, before, "nothing of it reached Prosody");
  stored.isAway = true;
  assert.equal(conditionOf(await ask("get", place)), "internal-server-error");
});
