import type { Random } from "../core/token.ts";

const [second, minute, hour] = [1_000, 60_000, 3_600_000];

/** What Standard Webhooks advises: some three days in all. */
const waits = [
  ...[5 * second, 5 * minute, 30 * minute],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * hour),
];

/** Up to a fifth more, so that many do not come back at once. */
const jitter = (wait: number, random: Random): number =>
  Math.round(wait * (1 + random(new Uint8Array(1))[0]! / 1_275));

/** How long an event waits after it has failed so often, ms; `undefined`: it is given up. */
export function retryAfter(failures: number, random: Random): number | undefined {
  const wait = waits[failures - 1];
  return wait === undefined ? undefined : jitter(wait, random);
}

const longestPause = 15 * minute;

/** How long a webhook is left alone after so many failures in a row, ms: soon enough to notice that it is back. */
export const pauseAfter = (failures: number, random: Random): number =>
  jitter(Math.min(5 * second * 4 ** Math.min(failures - 1, 10), longestPause), random);

/** An answer that says something of this event and nothing of the receiver: others go on meanwhile. */
export const isAboutEvent = (status: number | undefined): boolean =>
  status !== undefined && [400, 409, 413, 415, 422].includes(status);
