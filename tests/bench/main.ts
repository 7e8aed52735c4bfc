/**
 * Couplet beside the modules whose jobs it takes over, on one machine in one run:
 * `deno run --allow-all tests/bench/main.ts [NAME…] [--seconds N] [--runs N] [--soak N] [--json]`.
 * `--flag=…` gives `deno run` that runs Couplet other flags than `deno task start` does, and may be repeated.
 */
import { engineFlags } from "../../src/build/program.ts";
import { parseArgs } from "node:util";
import { badKey } from "./bad_key.ts";
import type { Bench, Goal, Result, Row } from "./bench.ts";
import { median, show } from "./bench.ts";
import { bulk } from "./bulk.ts";
import { create } from "./create.ts";
import { createMillion } from "./create_million.ts";
import { data } from "./data.ts";
import { inviteImport } from "./invite_import.ts";
import { logins } from "./logins.ts";
import { lookup } from "./lookup.ts";
import { page } from "./page.ts";
import { machineProsody } from "./sides.ts";
import { rosterImport } from "./roster_import.ts";
import { rosterLookup } from "./roster_lookup.ts";
import { rosterPut } from "./roster_put.ts";
import { start } from "./start.ts";
import { bringTools } from "./tools.ts";
import { webhooks } from "./webhooks.ts";
import { connections } from "./wrk.ts";

const benches: Readonly<Record<string, Bench>> = {
  ...{
    create,
    "create-million": createMillion,
    bulk,
    "bad-key": badKey,
    page,
    lookup,
    "roster-lookup": rosterLookup,
    "roster-import": rosterImport,
    "invite-import": inviteImport,
    "roster-put": rosterPut,
    logins,
    start,
    webhooks,
    data, // last: it ends here without the original module
  },
};

const say = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "8" },
    runs: { type: "string", default: "3" },
    soak: { type: "string", default: "60" },
    flag: { type: "string", multiple: true, default: [engineFlags] },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const options = {
  seconds: Number(values.seconds),
  runs: Number(values.runs),
  soak: Number(values.soak),
  flags: values.flag,
};
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.find((name) => !Object.hasOwn(benches, name));
if (
  values.help || unknown !== undefined || [options.seconds, options.runs, options.soak].some((n) => !(n >= 1))
) {
  say(`Usage: [NAME…] [--seconds N] [--runs N] [--soak N] [--flag FLAG] [--json]`);
  for (const [name, { brief }] of Object.entries(benches)) say(`  ${name.padEnd(16)}${brief}`);
  Deno.exit(2);
}

await bringTools();
const machine = await describeMachine();
if (!values.json) say(header(machine));
const results: Record<string, Result & { load: number[]; stolen: number }> = {};
for (const name of names) {
  const bench = benches[name] as Bench;
  if (!values.json) say(`\n${name}: ${bench.brief} (load average ${loadAverage()})`);
  const before = await processorTime();
  const result = await bench.run(options);
  const after = await processorTime();
  const stolen = 100 * (after.stolen - before.stolen) / (after.all - before.all);
  results[name] = { ...result, load: Deno.loadavg(), stolen };
  if (!values.json) {
    say([...result.rows.map(rowLine), ...result.goals.map(goalLine)].join("\n"));
    say(
      `  (load average ${loadAverage()}, ${show(stolen)} % of the processors' time went to other machines)`,
    );
  }
}
if (values.json) say(JSON.stringify({ machine, options, results }, null, 2));

async function describeMachine() {
  const cpu = /^model name\s*: (.*)$/m.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1] ?? "unknown";
  return {
    ...{ time: new Date().toISOString(), cpu, cores: navigator.hardwareConcurrency, load: Deno.loadavg() },
    ...{ deno: Deno.version.deno, prosody: (await machineProsody()).version },
  };
}

function header({ time, cpu, cores, deno, prosody }: Awaited<ReturnType<typeof describeMachine>>): string {
  const { seconds, runs, flags } = options;
  return `${time}, ${cores} × ${cpu}, load average ${loadAverage()}
Couplet on Deno ${deno}${flags.length > 0 ? ` with ${flags.join(" ")}` : ""}; Prosody ${prosody}.
wrk: 1 thread, ${connections} connections kept alive, ${seconds} s a run, ${runs} runs of each side in turn.
Rates count answers as they should be; the rest are failures. Median (least … most).`;
}

/** Ticks since the machine started. */
async function processorTime() {
  const [, ...ticks] = (await Deno.readTextFile("/proc/stat")).split("\n", 1)[0]?.split(/\s+/) ?? [];
  const counts = ticks.slice(0, 8).map(Number);
  return { all: counts.reduce((sum, n) => sum + n, 0), stolen: counts[7] ?? 0 };
}

function loadAverage(): string {
  return Deno.loadavg().map((load) => load.toFixed(2)).join(" ");
}

function rowLine({ name, unit, values, also = {} }: Row): string {
  const spread = values.length > 1 ? ` (${show(Math.min(...values))} … ${show(Math.max(...values))})` : "";
  const more = Object.entries(also).map(([what, value]) => `, ${what} ${value}`).join("");
  return `  ${name.padEnd(38)} ${show(median(values))} ${unit}${spread}${more}`;
}

function goalLine({ name, value, unit, wanted }: Goal): string {
  const [words, met] = "atLeast" in wanted
    ? [`at least ${wanted.atLeast}`, value >= wanted.atLeast]
    : [`below ${wanted.below}`, value < wanted.below];
  return `  ${met ? "✓" : "✗"} ${name}: ${show(value)} ${unit}, wanted ${words} ${unit}`;
}
