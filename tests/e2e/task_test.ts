import assert from "node:assert/strict";
import { startProcess } from "./process.ts";

for (const way of ["--config", "COUPLET_CONFIG"]) {
  Deno.test(`\`deno task start\` takes its settings from a file that ${way} names`, async () => {
    const dir = await Deno.makeTempDir({ prefix: "couplet-task-" });
    const file = `${dir}/couplet.toml`;
    await Deno.writeTextFile(file, `data_dir = "${dir}/data"\n[http]\nlisten = "unix:${dir}/http.sock"`);
    const task = [Deno.execPath(), "task", "--quiet", "start"];
    const daemon = way === "--config"
      ? startProcess([...task, way, file], { COUPLET_LOG_FORMAT: "json" })
      : startProcess(task, { [way]: file, COUPLET_LOG_FORMAT: "json" });
    try {
      await daemon.until((log) => log.includes(`"message":"Couplet is ready"`) || undefined);
      using client = Deno.createHttpClient({ proxy: { transport: "unix", path: `${dir}/http.sock` } });
      const answer = await fetch("http://localhost/livez", { client });
      assert.deepEqual([answer.status, await answer.text()], [200, "ok\n"]);
      assert.ok((await Deno.stat(`${dir}/data/couplet.db`)).isFile);
    } finally {
      const code = await daemon.stop();
      await Deno.remove(dir, { recursive: true });
      assert.equal(code, 0, daemon.log());
    }
  });
}
