import { allocatorSettings } from "../../src/build/program.ts";
import { startCouplet } from "../e2e/daemon.ts";
import type { Bench } from "./bench.ts";
import { median, show } from "./bench.ts";
import { coupletSide, host } from "./sides.ts";
import { runWrk } from "./wrk.ts";

/** Start-up, and memory when idle, after a long load and when it is over. */
export const start: Bench = {
  brief: "time to ready; memory idle and after load",
  async run({ soak, flags }) {
    const times: number[] = [];
    const idle: number[] = [];
    for (let i = 0; i < 11; i++) {
      const program = [Deno.execPath(), "run", ...flags, "--frozen", "--allow-all", "main.ts"];
      const started = performance.now();
      await using daemon = await startCouplet({ hosts: [host], program, env: allocatorSettings });
      await (await fetch(`${daemon.url}/livez`)).text();
      if (i === 0) continue; // warms the cache
      times.push(performance.now() - started);
      idle.push(await memoryOf(daemon.dataDir));
    }
    const { rate, samples, after } = await underLoad(soak, flags);
    return {
      rows: [
        { name: "start to first answer", unit: "ms", values: times },
        { name: "memory when idle", unit: "MB", values: idle },
        {
          ...{ name: `memory in ${soak} s of creating`, unit: "MB", values: samples },
          also: { at: `${show(rate)}/s`, end: `${show(samples.at(-1) ?? NaN)} MB` },
        },
        { name: "memory 10 s later", unit: "MB", values: [after] },
      ],
      goals: [
        { name: "start to first answer", value: median(times), unit: "ms", wanted: { below: 150 } },
        { name: "memory when idle", value: median(idle), unit: "MB", wanted: { below: 80 } },
        {
          name: "memory at the end of the load",
          value: samples.at(-1) ?? NaN,
          unit: "MB",
          wanted: { below: 160 },
        },
      ],
    };
  },
};

/** The daemon's resident memory, each second of a load and ten seconds after. */
async function underLoad(seconds: number, flags: readonly string[]) {
  await using side = await coupletSide({ flags });
  const samples: number[] = [];
  const look = async () => void samples.push(await memoryOf(side.daemon.dataDir));
  const timer = setInterval(look, 1_000);
  const { rate } = await runWrk({ ...side.creating(), seconds }).finally(() => clearInterval(timer));
  await look();
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  return { rate, samples, after: await memoryOf(side.daemon.dataDir) };
}

/** Resident memory, MB, of the process that serves from this data folder. */
async function memoryOf(dataDir: string): Promise<number> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    const environment = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (!environment.split("\0").includes(`COUPLET_DATA_DIR=${dataDir}`) || !command.includes("\0serve")) {
      continue;
    }
    const status = await Deno.readTextFile(`/proc/${name}/status`);
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }
  throw new Error(`No process serves from ${dataDir}.`);
}
