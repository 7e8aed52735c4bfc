import type { Streams } from "./streams.ts";

/** A line on stderr that tells how far something is, while somebody watches. */
export interface Progress {
  /** @param done of the total @param things counted for the rate */
  update(done: number, things: number): void;
  /** Says a line that stays. */
  say(line: string): void;
  /** Takes the line away. */
  end(): void;
}

const pause = 200; // ms between two looks
const wipe = "\r\x1b[K";

/** @param total how many there will be, if that is known @param clock ms */
export function createProgress(
  { say, isWatched }: Pick<Streams, "say" | "isWatched">,
  { unit, things, total, clock = () => performance.now() }: {
    unit: string;
    things: string;
    total?: number | undefined;
    clock?: () => number;
  },
): Progress {
  const start = clock();
  let [last, shown] = [-Infinity, false];
  const clear = () => {
    if (shown) say(wipe);
    shown = false;
  };
  return {
    update(done, count) {
      const now = clock();
      if (!isWatched || now - last < pause) return;
      last = now;
      const seconds = Math.max(now - start, 1) / 1_000;
      const left = total === undefined || done === 0
        ? ""
        : `, ${duration(seconds * (total - done) / done)} left`;
      const of = total === undefined ? "" : ` of ${whole(total)}`;
      say(`${wipe}${whole(done)}${of} ${unit}, ${whole(count / seconds)} ${things}/s${left}`);
      shown = true;
    },
    say(line) {
      clear();
      say(`${line}\n`);
    },
    end: clear,
  };
}

const whole = (value: number) => Math.round(value).toLocaleString("en");

function duration(seconds: number): string {
  const all = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, "0")}`;
}
