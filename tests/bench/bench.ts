import type { Load } from "./wrk.ts";

/** How long and how often things are measured. */
export interface BenchOptions {
  /** Seconds of load in one run. */
  readonly seconds: number;
  /** Runs of each side, in turn. */
  readonly runs: number;
  /** Seconds of load after which memory is looked at. */
  readonly soak: number;
  /** Flags of `deno run` to try on Couplet. */
  readonly flags: readonly string[];
}

/** One line of figures, a value a run; median, least and most are shown. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** What else there is to say, as `p99` → `4.1 ms`. */
  readonly also?: Readonly<Record<string, string>>;
}

/** A figure and what it is to be. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly wanted: { readonly atLeast: number } | { readonly below: number };
}

/** What a benchmark found. */
export interface Result {
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

/** A benchmark by its name on the command line. */
export interface Bench {
  readonly brief: string;
  run(options: BenchOptions): Promise<Result>;
}

/** Runs each side in turn, as often as is asked for: what disturbs the machine disturbs them alike. */
export async function inTurn<Name extends string, T>(
  runs: number,
  sides: Readonly<Record<Name, () => Promise<T>>>,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(sides) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  for (let run = 0; run < runs; run++) {
    for (const name of names) found[name].push(await sides[name]());
  }
  return found;
}

/** The middle one; of two in the middle, between them. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(at)] ?? NaN) + (sorted[Math.ceil(at)] ?? NaN)) / 2;
}

/** A line for the loads of one side. */
export function loadRow(name: string, loads: readonly Load[]): Row {
  const ms = (pick: (load: Load) => number) => `${show(median(loads.map(pick)))} ms`;
  return {
    ...{ name, unit: "/s", values: loads.map(({ rate }) => rate) },
    also: {
      p50: ms(({ p50 }) => p50),
      p99: ms(({ p99 }) => p99),
      longest: `${show(Math.max(...loads.map(({ longest }) => longest)))} ms`,
      failures: String(loads.reduce((sum, { failures }) => sum + failures, 0)),
    },
  };
}

/** How many times as fast one side is as the other, by their medians. */
export const ratio = (of: readonly Load[], to: readonly Load[]): number =>
  median(of.map(({ rate }) => rate)) / median(to.map(({ rate }) => rate));

/** The worst run's p99, ms. */
export const worstP99 = (loads: readonly Load[]): number => Math.max(...loads.map(({ p99 }) => p99));

/** A number as people read it: three digits that count, thousands in groups. */
export const show = (value: number): string =>
  value.toLocaleString("en", { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
