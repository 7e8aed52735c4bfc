import assert from "node:assert/strict";
import { repository, runProcess } from "../e2e/process.ts";
import { drawTree } from "../../src/people/draw.ts";
import { createTestApp } from "../harness.ts";
import { invite, make } from "./rig.ts";

Deno.test("a tree is drawn with lines", () => {
  const one = (user: string | null, more = {}) => ({
    user,
    invited_by: null,
    invited: 0,
    people: [],
    ...more,
  });
  const tree = [
    one("ann", {
      ...{ invited_by: "cli", joined_at: "2026-01-02T00:00:00.000Z", invited: 4, more: true as const },
      people: [one("bob", { people: [one("carol", { frozen: true as const })] }), one(null)],
    }),
    one("dave", { people: [one("eve")], invited: 1 }),
  ];
  assert.deepEqual(drawTree(tree, "example.org"), [
    "ann (2026-01-02, by cli)",
    "├─ bob",
    "│  └─ carol (frozen)",
    "├─ (erased)",
    "└─ … 2 more",
    "dave",
    "└─ eve",
  ]);
});

Deno.test("the command line shows the tree, freezes, thaws, revokes, exports and erases", async () => {
  await using app = await createTestApp({ toml: 'invites = { velocity = "1/1h" }' });
  await invite(app, undefined, "ann");
  for (const name of ["bob", "carol"]) await invite(app, "ann", name);
  await make(app, "bob");
  await Deno.writeFile(`${app.dir}/secret.key`, new Uint8Array(32).fill(7));
  const program = ["deno", "run", "--quiet", "--frozen", "--allow-all", `${repository}/main.ts`, "people"];
  const settings = { COUPLET_DATA_DIR: app.dir, COUPLET_HOSTS: "example.org" };
  const run = async (verb: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runProcess([...program, verb, "example.org", ...args], settings);
    assert.equal(code, 0, stderr);
    return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
  };
  const lines = ["├─ bob (2026-01-01)", "└─ carol (2026-01-01)"];
  assert.equal((await run("tree")).stdout, ["ann (2026-01-01, by cli)", ...lines].join("\n"));
  assert.equal(JSON.parse((await run("tree", "ann", "--json", "--depth", "1")).stdout).people[0].invited, 2);
  const branch = "ann and 2 below: ";
  // The invite has ended by the clock of the command line, which is the real one.
  assert.match((await run("freeze", "ann", "--dry-run")).stderr, new RegExp(`^Would freeze ${branch}[01] `));
  assert.match((await run("freeze", "ann")).stderr, new RegExp(`^Frozen ${branch}`));
  assert.equal((await run("freeze", "ann")).stderr, "They are frozen already: ann, with 2 below.");
  assert.match((await run("thaw", "ann")).stderr, /^Thawed ann/);
  assert.equal(JSON.parse((await run("revoke", "bob", "--json")).stdout).action, "revoke");
  assert.match((await run("alarms")).stdout, /^user ann\t2 uses\treport\t/);
  assert.equal(JSON.parse((await run("export", "ann")).stdout).held.invite_tree.invited.length, 2);
  assert.equal((await run("erase", "ann")).stderr, "Erased what was held about ann.");
  assert.equal((await run("tree")).stdout, ["(erased) (2026-01-01, by cli)", ...lines].join("\n"));
});
