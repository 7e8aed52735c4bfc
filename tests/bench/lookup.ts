import { allocatorSettings } from "../../src/build/program.ts";
import { startCouplet } from "../e2e/daemon.ts";
import { startProsody } from "../e2e/prosody_server.ts";
import type { Bench } from "./bench.ts";
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

/** Microseconds. */
interface Lookups {
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
  /** Median of a bare echo over a Unix socket, if one was measured: two processes that sleep and wake each other. */
  readonly echo?: number;
}

/** How long Prosody waits for one invite of a hundred. */
export const lookup: Bench = {
  brief: "how long Prosody waits for an invite that it looks up",
  async run({ runs, flags }) {
    const program = [Deno.execPath(), "run", ...flags, "--frozen", "--allow-all", "main.ts"];
    await using couplet = await startCouplet({ hosts: [host], program, env: allocatorSettings });
    using echo = serveEcho(`${couplet.dataDir}/echo.sock`);
    const found = await inTurn(runs, {
      couplet: () => lookUp("internal", couplet.socket, echo.path),
      internal: () => lookUp("internal"),
      sqlite: () => lookUp("SQLite"),
    });
    const row = (name: string, all: Lookups[]) => ({
      ...{ name, unit: "µs", values: all.map(({ p50 }) => p50) },
      also: {
        p99: `${show(median(all.map(({ p99 }) => p99)))} µs`,
        mean: `${show(median(all.map(({ mean }) => mean)))} µs`,
      },
    });
    const floor = found.couplet.map((one) => one.echo ?? NaN);
    return {
      rows: [
        row("Couplet", found.couplet),
        { name: "a bare echo", unit: "µs", values: floor },
        row("Prosody, internal storage", found.internal),
        row("Prosody, SQLite", found.sqlite),
      ],
      goals: [{
        ...{ name: "p50 with Couplet", value: median(found.couplet.map(({ p50 }) => p50)), unit: "µs" },
        wanted: { below: 60 },
      }],
    };
  },
};

/** Starts a Prosody that measures by itself as soon as it is up. */
async function lookUp(storage: Storage, socket?: string, echo?: string): Promise<Lookups> {
  await using prosody = await startProsody(await machineProsody(), {
    ...{ hosts: [host], modules: ["bench_lookup"], ...(socket !== undefined && { socket }) },
    config: `${alsoFrom(ourModules, benchModules)}\n${storageConfig[storage]}` +
      (echo === undefined ? "" : `\nbench_echo = ${JSON.stringify(echo)}`),
  });
  await prosody.logged("Lookups: ", 60_000);
  await new Promise((resolve) => setTimeout(resolve, 50)); // the line's end may still be on its way
  return JSON.parse(/Lookups: (.*)$/m.exec(prosody.log())?.[1] ?? "");
}

/** Sends back what comes, from this process. */
function serveEcho(path: string): Disposable & { path: string } {
  const listener = Deno.listen({ transport: "unix", path });
  const answer = async (peer: Deno.UnixConn) => {
    const buffer = new Uint8Array(1024);
    for (let count; (count = await peer.read(buffer)) !== null;) await peer.write(buffer.subarray(0, count));
    peer.close();
  };
  const acceptAll = async () => {
    for await (const peer of listener) answer(peer).catch(() => {});
  };
  acceptAll().catch(() => {});
  return { path, [Symbol.dispose]: () => listener.close() };
}
