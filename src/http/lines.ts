import { type JsonLimits, parseJson } from "../core/json.ts";
import { Problem } from "../core/problem.ts";
import { letOthersRun } from "../core/turn.ts";

/** A line of a body: its number, counted from 1, and the JSON in it or why it cannot be had. */
export interface Line {
  readonly number: number;
  /** Bytes, without the line break. */
  readonly size: number;
  readonly value?: unknown;
  readonly problem?: Problem;
  /** The body did not come to its end: it is too large, or broke off. */
  readonly isCut?: true;
}

/** What a line may be. */
export interface LineLimits {
  /** Bytes. */
  readonly most: number;
  readonly limits: JsonLimits;
}

const newline = 10;
const blanks = [0x20, 0x09, 0x0d];
const slice = 100; // lines before others have a turn

/**
 * The lines of a body in NDJSON as they come in; empty ones are left out. No more is read than is asked for, and
 * what exceeds `most` bytes of a line is skipped. Nothing comes any more once the signal is aborted.
 */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  { most, limits }: LineLimits,
  signal: AbortSignal,
): AsyncGenerator<Line, void> {
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  let line = new Uint8Array(Math.min(most, 4_096)); // one array that grows: tiny chunks must not cost more than bytes
  let [number, size] = [1, 0];
  const take = (piece: Uint8Array) => {
    const end = size + piece.length;
    if (end <= most) {
      if (end > line.length) line = grown(line, Math.min(most, end * 2));
      line.set(piece, size);
    }
    size = end;
  };
  const finish = async (): Promise<Line | undefined> => {
    const kept = size > most ? undefined : line.subarray(0, size);
    const finished = await lineOf(number++, size, kept, { most, limits });
    size = 0;
    return finished;
  };
  try {
    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (signal.aborted) return;
      if (done) break;
      let start = 0;
      for (let end; (end = chunk.indexOf(newline, start)) >= 0; start = end + 1) {
        take(chunk.subarray(start, end));
        const finished = await finish();
        if (finished) yield finished;
        if (number % slice === 0) await letOthersRun();
      }
      take(chunk.subarray(start));
    }
    const last = await finish();
    if (last) yield last;
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem("bad-request", "The body broke off here.");
    yield { number, size, problem, isCut: true };
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function grown(array: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(array);
  return larger;
}

async function lineOf(
  number: number,
  size: number,
  bytes: Uint8Array | undefined,
  { most, limits }: LineLimits,
): Promise<Line | undefined> {
  if (!bytes) {
    return { number, size, problem: new Problem("too-large", `A line may have ${most} bytes at most.`) };
  }
  if (bytes.every((byte) => blanks.includes(byte))) return undefined;
  try {
    return { number, size, value: await parseJson(bytes, limits, "This line") };
  } catch (error) {
    return { number, size, problem: error as Problem };
  }
}
