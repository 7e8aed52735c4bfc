import assert from "node:assert/strict";
import { buildCli, runCli } from "../../src/cli/run.ts";
import { groupCommands } from "../../src/groups/commands.ts";
import { createTestApp, type TestApp } from "../harness.ts";

/** One command line, in this process. */
async function run(app: TestApp, ...args: string[]) {
  const said = { code: 0, stdout: "", stderr: "" };
  const cli = buildCli(groupCommands((_, work) => work(app.services)), "0");
  said.code = await runCli(cli, ["groups", ...args], {
    stdout: { write: (text) => void (said.stdout += text) },
    stderr: { write: (text) => void (said.stderr += text) },
  });
  return said;
}

Deno.test("a group is made, filled, shown, renamed and deleted at the command line", async () => {
  await using app = await createTestApp();
  const made = await run(app, "create", "example.org", "Choir", "--id", "choir");
  assert.deepEqual([made.code, made.stdout], [0, "choir\n"]);
  assert.match(made.stderr, /groups add example.org choir USER/);
  for (const user of ["ann", "bob"]) {
    const { code, stderr } = await run(app, "add", "example.org", "choir", user);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`${user}@example.org is in Choir, with`));
  }
  assert.match((await run(app, "add", "example.org", "choir", "bob")).stderr, /already/);
  const shown = await run(app, "show", "example.org", "choir");
  assert.match(
    shown.stdout,
    /^choir\tChoir\t2 members\nann@example.org\tsince 2026-01-01 00:00 UTC\nbob@example.org\t/,
  );
  const json = JSON.parse((await run(app, "show", "example.org", "choir", "--json")).stdout);
  assert.deepEqual(json.members.map(({ username }: { username: string }) => username), ["ann", "bob"]);
  assert.match((await run(app, "rename", "example.org", "choir", "Singers")).stderr, /called Singers/);
  assert.match((await run(app, "remove", "example.org", "choir", "ann")).stderr, /has 1 left/);
  assert.equal((await run(app, "list", "example.org")).stdout, "choir\tSingers\t1 member\n");
  assert.equal((await run(app, "delete", "example.org", "choir")).code, 0);
  const none = await run(app, "list", "example.org");
  assert.deepEqual([none.stdout, none.stderr], ["", "No groups.\n"]);
});

Deno.test("what cannot be done is said, with exit code 1", async () => {
  await using app = await createTestApp();
  for (
    const [args, said] of [
      [["show", "example.org", "none"], /no group "none"/],
      [["create", "example.com", "Choir"], /not served here/],
      [["create", "example.org", "Choir", "--id", "../x"], /An id has/],
      [["delete", "example.org", "none"], /no group "none"/],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(app, ...args);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, said);
  }
});
