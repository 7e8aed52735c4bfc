import { allocatorSettings } from "../../src/build/program.ts";
import { startCouplet } from "../e2e/daemon.ts";
import { startProsody } from "../e2e/prosody_server.ts";
import type { Bench, Row } from "./bench.ts";
import { inTurn, median, show } from "./bench.ts";
import {
  alsoFrom,
  benchModules,
  host,
  machineProsody,
  ourModules,
  type Storage,
  storageConfig,
} from "./sides.ts";

const sizes = ["5", "50", "500"] as const;
/** Microseconds. */
type Waits = Record<typeof sizes[number], { p50: number; p99: number; mean: number }>;

/** How long Prosody waits for rosters of 5, 50 and 500 contacts, 200 of each in turn. */
export const rosterLookup: Bench = {
  brief: "how long Prosody waits for a roster at a login",
  async run({ runs, flags }) {
    const program = [Deno.execPath(), "run", ...flags, "--frozen", "--allow-all", "main.ts"];
    const found = await inTurn(runs, {
      couplet: async () => {
        await using couplet = await startCouplet({ hosts: [host], program, env: allocatorSettings });
        return await lookUp("internal", couplet.socket);
      },
      internal: () => lookUp("internal"),
      sqlite: () => lookUp("SQLite"),
    });
    const middle = (all: Waits[], size: typeof sizes[number]) => median(all.map((one) => one[size].p50));
    const names = { couplet: "Couplet", internal: "Prosody, internal storage", sqlite: "Prosody, SQLite" };
    const rows = sizes.flatMap((size) =>
      Object.entries(names).map(([side, name]): Row => {
        const all = found[side as keyof typeof names];
        return {
          ...{ name: `${name}, ${size} contacts`, unit: "µs", values: all.map((one) => one[size].p50) },
          also: {
            p99: `${show(median(all.map((one) => one[size].p99)))} µs`,
            mean: `${show(median(all.map((one) => one[size].mean)))} µs`,
          },
        };
      })
    );
    const goal = (size: "50" | "500", below: number) => ({
      ...{ name: `${size} contacts, times what internal storage takes`, unit: "", wanted: { below } },
      value: middle(found.couplet, size) / middle(found.internal, size),
    });
    return { rows, goals: [goal("50", 2), goal("500", 3)] };
  },
};

/** Starts a Prosody that measures by itself as soon as it is up. */
async function lookUp(storage: Storage, socket?: string): Promise<Waits> {
  await using prosody = await startProsody(await machineProsody(), {
    ...{ hosts: [host], modules: ["bench_roster"], ...(socket !== undefined && { socket }) },
    config: `${alsoFrom(ourModules, benchModules)}\n${storageConfig[storage]}`,
  });
  await prosody.logged("Rosters: ", 120_000);
  await new Promise((resolve) => setTimeout(resolve, 50)); // the line's end may still be on its way
  return JSON.parse(/Rosters: (.*)$/m.exec(prosody.log())?.[1] ?? "");
}
