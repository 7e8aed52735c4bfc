import { bulkhead } from "cockatiel";
import { scanJson } from "./json_scan.ts";
import { Problem } from "./problem.ts";
import { createPace, letOthersRun } from "./turn.ts";

/** How much JSON may say, beside how many bytes it has: so much that `JSON.parse` holds nobody up. */
export interface JsonLimits {
  /** Arrays and objects within each other. */
  readonly depth: number;
  /** Values of every kind, arrays and objects included. */
  readonly values: number;
  /** Different names of members in all of it: each costs `JSON.parse` ten times what another value does. */
  readonly names: number;
}

/** For what has no limits of its own: many times what a body of 64 kB with any sense in it says. */
export const usualLimits: JsonLimits = { depth: 64, values: 50_000, names: 10_000 };

/** Bytes that are parsed in one go. */
export const smallJson = 1 << 16;

const oneAtATime = bulkhead(1, Infinity);

/**
 * What `JSON.parse` makes of it, if it is JSON in UTF-8 within these limits and no object names a member twice.
 * What is small is parsed at once. What is large is looked through in slices, one at a time in the whole program,
 * and others run before and after `JSON.parse`, which nothing can interrupt.
 * @param what a sentence about it begins like this
 * @throws Problem `bad-request` that says what is wrong and where, and quotes nothing
 */
export async function parseJson(
  bytes: Uint8Array,
  limits: JsonLimits = usualLimits,
  what = "The body",
): Promise<unknown> {
  if (bytes.length <= smallJson) return parseSmallJson(bytes, limits, what);
  return await oneAtATime.execute(async () => {
    const pace = createPace();
    const text = decode(bytes, what);
    await pace();
    for (const _ of scanJson(text, limits, what)) await pace();
    await letOthersRun();
    const value: unknown = JSON.parse(text);
    await letOthersRun();
    return value;
  });
}

/** As {@linkcode parseJson}, for what is known to be small: it holds everybody up, 64 kB for about a millisecond. */
export function parseSmallJson(
  bytes: Uint8Array,
  limits: JsonLimits = usualLimits,
  what = "The body",
): unknown {
  const text = decode(bytes, what);
  for (const _ of scanJson(text, limits, what));
  return JSON.parse(text);
}

const strict = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array, what: string): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new Problem("bad-request", `${what} is not UTF-8 at byte ${badByte(bytes) + 1}.`);
  }
}

const piece = 1 << 16;

/** Where it is no UTF-8: the place is found in a piece, because comparing all of it would take its time. */
function badByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let from = 0;
  try {
    for (; from < bytes.length; from += piece) {
      decoder.decode(bytes.subarray(from, from + piece), { stream: true });
    }
  } catch { /* in this piece, or in a character that began before it */ }
  let start = Math.max(0, Math.min(from, bytes.length) - 4);
  while ((bytes[start]! & 0xc0) === 0x80 && start < from) start++;
  const seen = bytes.subarray(start, from + piece);
  const mended = new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(seen));
  const wrong = seen.findIndex((byte, i) => byte !== mended[i]);
  return wrong < 0 ? bytes.length : start + wrong;
}
