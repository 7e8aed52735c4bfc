import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";

/** When somebody who keeps failing is made to wait. Times are milliseconds. */
export interface BackoffNeeds {
  /** Failures after which each try must wait: 1 s, 2 s, 4 s … */
  readonly free: number;
  readonly longest: number;
  /** Free failures are forgotten this long after the first of them, others this long after the last. */
  readonly memory: number;
  /** How many are remembered of those who wait, and as many again of those who do not yet. */
  readonly known: number;
  readonly clock: Clock;
}

/** Failures in a row, by key. */
export interface Backoff {
  /** How long until a try may be made; 0 for now. */
  waitOf(key: string): number;
  /** Takes the try: if it had to be waited for, the next must wait as long, whatever comes of this one. */
  take(key: string): void;
  failed(key: string): void;
  forget(key: string): void;
}

interface Count {
  failures: number;
  began: number;
  last: number;
}

/** Counts in memory. */
export function createBackoff({ free, longest, memory, known, clock }: BackoffNeeds): Backoff {
  // Apart, so that one failure under each of many names pushes out nobody who must wait. Sizes instead of `max`, for
  // which all the room would be taken at once.
  const room = { maxSize: known, sizeCalculation: () => 1 };
  const few = new LRUCache<string, Count>(room);
  const many = new LRUCache<string, Count>(room);

  function find(key: string): Count | undefined {
    const count = many.get(key) ?? few.get(key);
    if (!count) return undefined;
    const now = clock();
    count.began = Math.min(count.began, now); // a clock that was set back must not make anybody wait for years
    count.last = Math.min(count.last, now);
    if (now - (count.failures < free ? count.began : count.last) < memory) return count;
    forget(key);
    return undefined;
  }

  function forget(key: string): void {
    few.delete(key);
    many.delete(key);
  }

  return {
    waitOf(key) {
      const count = find(key);
      if (!count || count.failures < free) return 0;
      return Math.max(0, count.last + Math.min(1_000 * 2 ** (count.failures - free), longest) - clock());
    },
    take(key) {
      const count = find(key);
      if (count && count.failures >= free) count.last = clock();
    },
    failed(key) {
      const count = find(key) ?? { failures: 0, began: clock(), last: 0 };
      count.failures++;
      count.last = clock();
      if (count.failures < free) return void few.set(key, count);
      few.delete(key);
      many.set(key, count);
    },
    forget,
  };
}
