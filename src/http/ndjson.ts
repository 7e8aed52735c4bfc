import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { Problem } from "../core/problem.ts";
import type { HttpEnv } from "./env.ts";
import { type Line, type LineLimits, readLines } from "./lines.ts";
import { problemJson } from "./problem_response.ts";
import { sideBySide } from "./side_by_side.ts";
import { requireType } from "./validate.ts";

const log = getLogger(["couplet", "http"]);
const type = "application/x-ndjson";
const linesAtOnce = 32; // as many commits may become one

/** What became of a line. */
export interface LineAnswer {
  /** Members of the line's answer. */
  readonly json: Record<string, unknown>;
  readonly isChange: boolean;
}

/** What is done with each line. */
export interface LineWork extends LineLimits {
  /** @throws Problem which becomes the line's answer, and is nobody else's affair */
  run(value: unknown): Promise<LineAnswer>;
  /** Members that tell which line it was, if it fails. */
  name(value: unknown): Record<string, unknown>;
}

/**
 * Answers NDJSON with NDJSON: a line for each line, in their order, while the request is still coming in; then
 * `{"done": true, "changed": …, "failed": …}`. Begins lines in their order, 32 side by side.
 * @throws Problem `unsupported-media-type`
 */
export function answerLines(c: Context<HttpEnv>, work: LineWork): Response {
  requireType(c, [type]);
  const { body, signal } = c.req.raw;
  const gone = new AbortController();
  const stop = AbortSignal.any([signal, gone.signal]);
  const answers = answersTo(readLines(body ?? new Blob().stream(), work, stop), work);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await answers.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(JSON.stringify(value) + "\n"));
    },
    async cancel() {
      gone.abort();
      await answers.return();
    },
  }, { highWaterMark: 0 });
  return new Response(stream, { headers: { "content-type": type, "cache-control": "no-store" } });
}

async function* answersTo(lines: AsyncGenerator<Line, void>, work: LineWork): AsyncGenerator<unknown, void> {
  let [changed, failed, done] = [0, 0, true];
  const answers = sideBySide(lines, async (line) => ({ line, ...await settle(line, work) }), {
    count: linesAtOnce,
    size: work.most,
  });
  for await (const { line, isChange, problem, json } of answers) {
    if (isChange) changed++;
    if (problem) failed++;
    if (line.isCut) done = false;
    yield { line: line.number, ...json };
  }
  yield { done, changed, failed };
}

/** Does what the line says; whatever it fails with is in the answer. */
async function settle(line: Line, work: LineWork) {
  try {
    if (line.problem) throw line.problem;
    const { json, isChange } = await work.run(line.value);
    return { json, isChange };
  } catch (error) {
    const problem = error instanceof Problem ? error : internal(error);
    if (problem.cause !== undefined) log.error("A line failed: {reason}", { reason: String(problem.cause) });
    return { json: { ...work.name(line.value), ...problemJson(problem) }, isChange: false, problem };
  }
}

function internal(error: unknown): Problem {
  log.error("A line could not be answered", { error });
  return new Problem("internal", "This is our fault and has been logged. Try this line again later.");
}
