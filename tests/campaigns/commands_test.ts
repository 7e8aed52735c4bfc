import assert from "node:assert/strict";
import { campaignCommands } from "../../src/campaigns/commands.ts";
import { operator } from "../../src/core/actor.ts";
import { inviteCommands } from "../../src/invites/commands.ts";
import { requestCommands } from "../../src/campaigns/request_commands.ts";
import { buildCli, runCli } from "../../src/cli/run.ts";
import { createTestApp, type TestApp } from "../harness.ts";

/** Runs a command on an app's services. */
async function run(app: TestApp, ...args: string[]) {
  const said = { out: "", err: "", code: -1 };
  const streams = {
    stdin: () => new Blob().stream(),
    write: (text: string) => Promise.resolve(void (said.out += text)),
    say: (text: string) => void (said.err += text),
    isWatched: false,
  };
  const print = (_: unknown, { host, label, lang, cards }: Parameters<PrintOf>[1]) =>
    Promise.resolve(async function* () {
      yield `${host} ${label} ${lang}\n`;
      for (const { link } of cards) yield `${link}\n`;
    }());
  const withApp = <T>(_: unknown, work: (services: TestApp["services"]) => Promise<T>) => work(app.services);
  const routes = {
    ...requestCommands(withApp),
    ...campaignCommands(withApp, streams, print),
  };
  said.code = await runCli(buildCli(routes, "0"), args, {
    stdout: { write: (text) => void (said.out += text) },
    stderr: { write: (text) => void (said.err += text) },
  });
  return said;
}
type PrintOf = Parameters<typeof campaignCommands>[2];

const host = "example.org";

Deno.test("invites bulk prints a link a line, or a table, or JSON, and says what the campaign is called", async () => {
  await using app = await createTestApp();
  const links = await run(app, "bulk", host, "--count", "250", "--label", "Open day", "--ttl", "3d");
  assert.equal(links.code, 0, links.err);
  assert.equal(links.out.match(/^http:\/\/[^\s]+\/invite\/[\w-]{24}$/gm)?.length, 250);
  const id = /^Campaign ([\w-]{12}): 250 invites\./.exec(links.err)?.[1] ?? "";
  assert.equal((await run(app, "bulk", host, "--resume", id)).out, links.out);
  assert.match((await run(app, "bulk", host, "--count", "2", "--csv")).out, /^id,landing_page[^]*\r\n$/);
  const lines = (await run(app, "bulk", host, "--count", "2", "--ndjson")).out.trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line).state), ["pending", "pending"]);
  const json = await run(app, "bulk", host, "--count", "2", "--json");
  assert.deepEqual([JSON.parse(json.out).invites.length, json.err], [2, ""]);

  assert.match(
    (await run(app, "campaigns", "list", host)).out,
    new RegExp(`^${id}\t250/250\t.*\tOpen day$`, "m"),
  );
  assert.match((await run(app, "campaigns", "show", host, id)).out, /^pending: 250$/m);
  const sheet = await run(app, "sheet", host, id, "--lang", "de");
  assert.equal(sheet.out, `${host} Open day de\n${links.out}`);
  assert.equal((await run(app, "campaigns", "revoke", host, id)).code, 0);
  assert.match((await run(app, "campaigns", "show", host, id)).out, /^revoked: 250$/m);
  assert.equal((await run(app, "sheet", host, id)).err, "0 cards. None of these invites is pending.\n");
});

Deno.test("invites bulk makes more at once than a request may, and says what it cannot do", async () => {
  await using app = await createTestApp({ toml: "campaigns.max_count = 10" });
  assert.equal((await run(app, "bulk", host, "--count", "11")).code, 0);
  for (
    const args of [[], ["--count", "1", "--resume", "x"], ["--resume", "nosuch"], ["--count", "1000001"]]
  ) {
    const { code, out, err } = await run(app, "bulk", host, ...args);
    assert.deepEqual([code, out], [1, ""], args.join(" "));
    assert.match(err, /^Error: /);
  }
});

Deno.test("invites templates are set, listed, used and deleted", async () => {
  await using app = await createTestApp();
  await app.groups("choir");
  const set = await run(app, "templates", "set", host, "choir", "--ttl", "2d", "--group", "choir");
  assert.equal(set.code, 0, set.err);
  assert.equal(
    (await run(app, "templates", "list", host)).out,
    'choir\t{"groups":["choir"],"ttl":172800}\n',
  );
  const made = await run(app, "bulk", host, "--count", "1", "--template", "choir", "--ndjson");
  assert.deepEqual(JSON.parse(made.out).groups, ["choir"]);
  assert.equal((await run(app, "templates", "delete", host, "choir")).code, 0);
  assert.equal((await run(app, "templates", "delete", host, "choir")).code, 1);
});

Deno.test("requests are listed, shown, approved, declined and deleted", async () => {
  await using app = await createTestApp({ toml: "campaigns.join_requests = true" });
  const asked = { name: "Ann", username: "ann", reach: "", message: "Hello" };
  for (let i = 0; i < 3; i++) await app.services.joining.ask(host, asked, undefined);
  const listed = await run(app, "requests", "list", host, "--state", "waiting");
  const [first, second, third] = listed.out.trimEnd().split("\n").map((line) => line.split("\t")[0] ?? "");
  assert.match(listed.out, /^[\w-]{16}\twaiting\t.*\tAnn\tann$/m);
  assert.match((await run(app, "requests", "show", host, first!)).out, /^message: Hello$/m);
  const approved = await run(app, "requests", "approve", host, first!, "--json");
  assert.equal(JSON.parse(approved.out).invite.jid, "ann@example.org");
  const anybody = await run(app, "requests", "approve", host, second!, "--any-name");
  assert.match(anybody.out, /^http:\/\/.*\/invite\/[\w-]{24}\n$/);
  assert.equal((await run(app, "requests", "decline", host, third!, "--reason", "Full.")).code, 0);
  assert.match((await run(app, "requests", "show", host, third!)).out, /^reason: Full\.$/m);
  assert.equal((await run(app, "requests", "delete", host, third!)).code, 0);
  assert.equal((await run(app, "requests", "show", host, third!)).code, 1);
});

Deno.test("what strangers write moves no cursor, and looks like no other fact", async () => {
  await using app = await createTestApp({ toml: "campaigns.join_requests = true" });
  const { joining, invites } = app.services;
  await joining.ask(
    host,
    { name: "Ann", username: "", reach: "", message: "Hello\nstate: approved\u202e" },
    undefined,
  );
  const list = JSON.parse((await run(app, "requests", "list", host, "--json")).out);
  const shown = await run(app, "requests", "show", host, list.requests[0].id);
  assert.match(shown.out, /^message: Hello\n {2}state: approved/m);
  assert.equal(shown.out.match(/^state: /gm)?.length, 1);

  const note = "\u001b]0;owned\u0007\u009b2J\r";
  const { id } = await invites.create(operator(host), { note });
  const withInvites = <T>(_: unknown, work: (services: TestApp["services"]["invites"]) => Promise<T>) =>
    work(invites);
  const said = { out: "" };
  const streams = {
    stdout: { write: (text: string) => void (said.out += text) },
    stderr: { write: () => {} },
  };
  const cli = buildCli(inviteCommands(withInvites), "0");
  assert.equal(await runCli(cli, ["invites", "show", host, id], streams), 0);
  assert.match(said.out, /^note: \\u001b\]0;owned\\u0007\\u009b2J\\u000d$/m);
  said.out = "";
  assert.equal(await runCli(cli, ["invites", "show", host, id, "--json"], streams), 0);
  assert.ok(!/[^\P{Cc}\n]/u.test(said.out));
  assert.equal(JSON.parse(said.out).note, note);
});
