import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { file, record } from "../imports/rig.ts";
import { startCouplet } from "./daemon.ts";
import { eventually } from "./pair.ts";
import { startProcess } from "./process.ts";

const count = 20_000;
const prosody = "example%2eorg/invite_token.dat";

Deno.test("an import that is killed beside a running daemon goes on where it was, and nothing is lost or twice", async () => {
  await using couplet = await startCouplet({ hosts: ["example.org"] });
  const expires = String(Math.floor(Date.now() / 1000) + 86_400);
  const names = Array.from({ length: count }, (_, i) => `n${i}${"-".repeat(24)}`.slice(0, 24));
  await Deno.mkdir(`${couplet.dataDir}/prosody/example%2eorg`, { recursive: true });
  await Deno.writeTextFile(
    `${couplet.dataDir}/prosody/${prosody}`,
    file(...names.map((name) => record(name, { expires }))),
  );
  const source = `${couplet.dataDir}/prosody`;
  using sqlite = new DatabaseSync(`${couplet.dataDir}/couplet.db`, { readOnly: true, timeout: 5_000 });
  const rows = sqlite.prepare("select count(*) as n from invite where source = 'prosody'");
  const imported = () => Number(rows.get()?.n);

  const program = [Deno.execPath(), "run", "--quiet", "--frozen", "--allow-all", "main.ts"];
  const env = { COUPLET_DATA_DIR: couplet.dataDir, COUPLET_HOSTS: "example.org" };
  const running = startProcess([...program, "import", "prosody", source], env);
  await eventually(() => imported() > 0);
  await running.kill();
  const before = imported();
  assert.ok(before > 0 && before < count, `${before} were in when it was killed`);

  const made = await couplet.cli("invites", "create", "example.org"); // the daemon and other commands work on
  assert.equal(made.code, 0, made.stderr);
  const again = await couplet.cli("import", "prosody", source, "--json");
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(JSON.parse(again.stdout).hosts["example.org"].invites, {
    ...{ found: count, imported: count - before, there_already: before, expired: 0, failed: 0 },
  });
  assert.equal(imported(), count);
  assert.equal(sqlite.prepare("pragma integrity_check").get()?.integrity_check, "ok");
  assert.equal((await fetch(`${couplet.url}/invite/${names[count - 1]}`)).status, 200);
});
