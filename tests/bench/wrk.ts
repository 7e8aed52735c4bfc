import { repository } from "../e2e/process.ts";

/** What one run of wrk found. */
export interface Load {
  /** Answers as they should be, per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Answers with a wrong status, connections lost, and requests that took longer than wrk's two seconds. */
  readonly failures: number;
  /** Bytes of an answer, headers and all. */
  readonly size: number;
}

/** What is asked for. */
export interface LoadOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A file of paths, one a line, to ask for in turn instead of the URL's; a tab and `Authorization` may follow. */
  readonly paths?: string;
  /** GET, if nothing is said; a PUT needs paths. */
  readonly method?: "PUT";
  /** With COUNT for what is another number each time. */
  readonly body?: string;
  /** What should come back: 2xx and 3xx, or a refusal with 4xx. */
  readonly expects?: "success" | "refusal";
  readonly seconds: number;
}

interface Report {
  requests: number;
  bytes: number;
  duration: number;
  p50: number;
  p99: number;
  longest: number;
  refused: number;
  lost: number;
  late: number;
}

/** How many connections are held open and used at once. */
export const connections = 32;

/** Runs wrk with one thread on kept-alive connections. @throws Error if it cannot run */
export async function runWrk(options: LoadOptions): Promise<Load> {
  const { url, headers = {}, paths = "", method, body, expects = "success", seconds } = options;
  const given = method === undefined ? [paths] : [paths, method, body ?? ""];
  const args = [
    ...["-t1", `-c${connections}`, `-d${Math.ceil(seconds)}s`, "-s", `${repository}tests/bench/wrk.lua`],
    ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
    ...[url, "--", ...given],
  ];
  const { stdout, stderr } = await new Deno.Command("wrk", { args, stdin: "null" }).output();
  const json = /^JSON (.*)$/m.exec(new TextDecoder().decode(stdout))?.[1];
  if (json === undefined) throw new Error(`wrk failed: ${new TextDecoder().decode(stderr)}`);
  return loadOf(JSON.parse(json), expects);
}

function loadOf(report: Report, expects: "success" | "refusal"): Load {
  const { requests, bytes, duration, p50, p99, longest, refused, lost, late } = report;
  const wrong = expects === "success" ? refused : requests - refused;
  return {
    rate: (requests - wrong) / (duration / 1e6),
    ...{ p50: p50 / 1000, p99: p99 / 1000, longest: longest / 1000 },
    failures: wrong + lost + late,
    size: requests === 0 ? 0 : bytes / requests,
  };
}
