import assert from "node:assert/strict";
import { buildCli, runCli } from "../../src/cli/run.ts";
import { operator } from "../../src/core/actor.ts";
import { inviteCommands } from "../../src/invites/commands.ts";
import { createTestApp, type TestApp } from "../harness.ts";

async function run(app: TestApp, ...args: string[]) {
  const said = { out: "", err: "", code: -1 };
  const routes = inviteCommands((_, work) => work(app.services.invites));
  said.code = await runCli(buildCli(routes, "0"), args, {
    stdout: { write: (text) => void (said.out += text) },
    stderr: { write: (text) => void (said.err += text) },
  });
  return said;
}

Deno.test("invites set changes what is given and leaves the rest, also without an end or a limit", async () => {
  await using app = await createTestApp();
  const { id } = await app.services.invites.create(operator("example.org"), { note: "desk" });
  const change = (...flags: string[]) => run(app, "invites", "set", "example.org", id, ...flags);
  assert.deepEqual(await change("--ttl", "30d"), {
    ...{ out: "", err: "Changed. It is valid until 2026-01-31 00:00 UTC.\n", code: 0 },
  });
  const endless = JSON.parse((await change("--ttl", "never", "--uses", "unlimited", "--json")).out);
  assert.deepEqual([endless.expires_at, endless.max_uses, endless.note], [null, null, "desk"]);
  const plain = JSON.parse((await change("--uses", "5", "--note", "", "--json")).out);
  assert.deepEqual([plain.expires_at, plain.max_uses, plain.note], [null, 5, undefined]);
  assert.match((await change("--uses", "0")).err, /whole number above 0/);
  assert.match((await change()).err, /Say what to change/);
  await run(app, "invites", "revoke", "example.org", id);
  const late = await change("--ttl", "1d");
  assert.deepEqual([late.code, /Make a new one/.test(late.err)], [1, true], late.err);
});
