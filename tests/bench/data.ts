import type { Bench, Goal, Row } from "./bench.ts";
import { inTurn, loadRow, median, ratio, show } from "./bench.ts";
import { type Authentication, type DataSide, originalSide, ourSide, store, users } from "./data_sides.ts";
import { host } from "./sides.ts";
import { type Load, type LoadOptions, runWrk } from "./wrk.ts";

/** One way to load both sides, and how many times the original's rate is wanted. */
interface Case {
  readonly name: string;
  readonly request: Partial<LoadOptions>;
  readonly wanted?: number;
}

type Measured = Load & { readonly pings: readonly number[] };

const path = `/data/${store}`;
const body = '{"theme":"light","change":COUNT,"sizes":[12,14,18]}';

/** Users' data with Basic credentials, beside mod_data_access; and what Prosody's other clients feel of it. */
export const data: Bench = {
  brief: "users' stored data with their passwords, hashed and plain, and pings meanwhile",
  async run({ seconds, runs, flags }) {
    const everybody = await Deno.makeTempFile({ prefix: "couplet-bench-" });
    await Deno.writeTextFile(
      everybody,
      users.map(({ authorization }) => `${path}\t${authorization}\n`).join(""),
    );
    const mine = { headers: { Host: host, Authorization: users[0]?.authorization ?? "" } };
    const all = { headers: { Host: host }, paths: everybody };
    const json = { "Content-Type": "application/json" };
    const cases = (wanted: number): Case[] => [
      { name: "GET, one user", request: mine, wanted },
      { name: "GET, 1,000 users", request: all, wanted },
      {
        name: "PUT, 1,000 users",
        request: { ...all, headers: { ...all.headers, ...json }, method: "PUT", body },
      },
    ];
    try {
      const hashed = await compare("internal_hashed", cases(20), { seconds, runs, flags, everybody });
      const plain = await compare("internal_plain", cases(1), { seconds, runs, flags, everybody });
      return { rows: [...hashed.rows, ...plain.rows], goals: [...hashed.goals, ...plain.goals] };
    } finally {
      await Deno.remove(everybody);
    }
  },
};

interface Settings {
  readonly seconds: number;
  readonly runs: number;
  readonly flags: readonly string[];
  readonly everybody: string;
}

async function compare(authentication: Authentication, cases: Case[], settings: Settings) {
  const { seconds, runs, flags, everybody } = settings;
  await using original = await originalSide(authentication);
  await using ours = await ourSide(authentication, flags);
  const rows: Row[] = [];
  const goals: Goal[] = [];
  // Each user once at least: passwords are hashed at their first use.
  for (const { url } of [original, ours]) {
    for (let asked = 0; asked < users.length * 1.1;) {
      asked +=
        (await runWrk({ url: url + path, headers: { Host: host }, paths: everybody, seconds: 1 })).rate;
    }
  }
  for (const { name, request, wanted } of cases) {
    const found = await inTurn(runs, {
      original: () => measure(original, request, seconds),
      ours: () => measure(ours, request, seconds),
    });
    const title = `${name}, ${authentication.replace("internal_", "")}`;
    rows.push(row(`Couplet, ${title}`, found.ours), row(`mod_data_access, ${title}`, found.original));
    const times = { name: `times the original's rate, ${title}`, value: ratio(found.ours, found.original) };
    const pings = { name: `ping meanwhile, p99, ${title}`, value: pingOf(found.ours, 0.99) };
    if (wanted !== undefined) {
      goals.push({ ...times, unit: "×", wanted: { atLeast: wanted } });
      goals.push({ ...pings, unit: "ms", wanted: { below: 10 } });
    } else rows.push({ name: times.name, unit: "×", values: [times.value] });
  }
  return { rows, goals };
}

/** A load, with somebody else's pings to the same Prosody meanwhile. */
async function measure(side: DataSide, request: Partial<LoadOptions>, seconds: number): Promise<Measured> {
  const options = { url: `${side.url}${path}`, ...request };
  await runWrk({ ...options, seconds: 1 });
  const pinging = await ping(side.prosody.c2sPort);
  const load = await runWrk({ ...options, seconds });
  return { ...load, pings: await pinging.stop() };
}

function row(name: string, loads: readonly Measured[]): Row {
  const { also, ...rest } = loadRow(name, loads);
  const ms = (share: number) => `${show(pingOf(loads, share))} ms`;
  return { ...rest, also: { ...also, "ping p50": ms(0.5), "ping p99": ms(0.99) } };
}

/** So many of a run's pings took no longer, ms: the median of the runs. */
const pingOf = (loads: readonly Measured[], share: number): number =>
  median(loads.map(({ pings }) => {
    const sorted = pings.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * share)] ?? NaN;
  }));

/** Begins to ping as the last of the users, who asks like all others. */
async function ping(port: number): Promise<{ stop(): Promise<number[]> }> {
  const worker = new Worker(new URL("./ping_worker.ts", import.meta.url), { type: "module" });
  const said = () =>
    new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  const ready = said();
  const { name: user, password } = users.at(-1) ?? { name: "", password: "" };
  worker.postMessage({ host, port, user, password });
  await ready;
  return {
    async stop() {
      const times = said();
      worker.postMessage("stop");
      const all = await times as number[];
      worker.terminate();
      if (all.length < 20) throw new Error("The pings were too few to say anything.");
      return all;
    },
  };
}
