import { allocatorSettings } from "../../src/build/program.ts";
import { startCouplet } from "../e2e/daemon.ts";
import type { Bench } from "./bench.ts";
import { median, show } from "./bench.ts";
import { host } from "./sides.ts";
import { watch } from "./waits.ts";

const requests = 10;
const each = 10_000;

/** A hundred thousand invites in requests of ten thousand, and by the command; how long lookups wait meanwhile. */
export const bulk: Bench = {
  brief: "100,000 invites, 10,000 a request, and by one command",
  async run({ runs, flags }) {
    const program = [Deno.execPath(), "run", ...flags, "--frozen", "--allow-all", "main.ts"];
    const found: Record<"api" | "command", { times: number[]; waits: number[]; creates: number[] }> = {
      api: { times: [], waits: [], creates: [] },
      command: { times: [], waits: [], creates: [] },
    };
    for (let run = 0; run < runs; run++) {
      await using couplet = await startCouplet({ hosts: [host], program, env: allocatorSettings });
      const key = (await couplet.cli("keys", "create", host)).stdout.trim();
      const post = (path: string, body: unknown) =>
        fetch(couplet.url + path, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      await (await post("/v1/invites/bulk", { count: 2_000 })).text(); // warms up
      for (const [name, { times, waits, creates }] of Object.entries(found)) {
        const watching = await watch(couplet.socket);
        const others = createMeanwhile(() => post("/v1/invites", {}).then((response) => response.text()));
        const start = performance.now();
        if (name === "api") {
          for (let i = 0; i < requests; i++) {
            const response = await post("/v1/invites/bulk", { count: each });
            const lines = (await response.text()).split("\n").length - 1;
            if (response.status !== 201 || lines !== each) {
              throw new Error(`${response.status}, ${lines} lines`);
            }
          }
        } else {
          const count = requests * each;
          const [deno = "", ...args] = [...program, "invites", "bulk", host, "--count", `${count}`];
          const env = { COUPLET_DATA_DIR: couplet.dataDir, COUPLET_HOSTS: host };
          const { code, stdout, stderr } = await new Deno.Command(deno, { args, env }).output();
          const lines = new TextDecoder().decode(stdout).split("\n").length - 1;
          if (code !== 0 || lines !== count) throw new Error(new TextDecoder().decode(stderr));
        }
        times.push((performance.now() - start) / 1_000);
        waits.push(await watching.stop());
        creates.push(await others.stop());
      }
    }
    const rows = ([name, { times, waits, creates }]: [string, typeof found.api]) => [
      { name: `100,000 invites, ${name}`, unit: "s", values: times },
      {
        ...{ name: `longest that a lookup waited, ${name}`, unit: "ms", values: waits },
        also: { worst: `${show(Math.max(...waits))} ms` },
      },
      {
        ...{ name: `longest that another's invite took, ${name}`, unit: "ms", values: creates },
        also: { worst: `${show(Math.max(...creates))} ms` },
      },
    ];
    return {
      rows: Object.entries(found).flatMap(rows),
      goals: [
        { name: "API", value: median(found.api.times), unit: "s", wanted: { below: 10 } },
        { name: "command", value: median(found.command.times), unit: "s", wanted: { below: 10 } },
        {
          ...{ name: "longest wait of a lookup, median", value: median(found.api.waits), unit: "ms" },
          wanted: { below: 20 },
        },
      ],
    };
  },
};

/** Makes one invite after another: the longest that took, ms. */
function createMeanwhile(create: () => Promise<unknown>): { stop(): Promise<number> } {
  let [on, longest] = [true, 0];
  const ended = (async () => {
    while (on) {
      const start = performance.now();
      await create();
      longest = Math.max(longest, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  ended.catch(() => on = false); // told when it is stopped; the daemon goes first if something else fails
  return {
    async stop() {
      on = false;
      await ended;
      return longest;
    },
  };
}
