import { bulkhead, type BulkheadPolicy, BulkheadRejectedError } from "cockatiel";
import { Problem } from "./problem.ts";

/** How much may be under way for one key. */
export interface GateNeeds {
  /** Pieces of work at a time. */
  readonly atATime: number;
  /** How many more may wait. */
  readonly waiting: number;
  /** How long one may wait, ms. */
  readonly patience: number;
}

/** Lets in so much work at a time. */
export interface Gate {
  /** @throws Problem `store-unavailable` if the work did not begin, because too much is there already */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** A gate with room of its own for each key. */
export function createGate({ atATime, waiting, patience }: GateNeeds): Gate {
  const rooms = new Map<string, { readonly policy: BulkheadPolicy; inside: number }>();
  const busy = () =>
    new Problem("store-unavailable", "Too much is being done here just now. Try again shortly.", [], {
      retryAfter: Math.max(1, Math.ceil(patience / 1_000)),
    });

  function enter<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const room = rooms.get(key) ?? { policy: bulkhead(atATime, waiting), inside: 0 };
    rooms.set(key, room);
    room.inside++;
    return room.policy.execute(work, signal).finally(() => {
      if (--room.inside === 0) rooms.delete(key);
    });
  }

  return {
    async run(key, work) {
      // The policy looks at a signal only when it is somebody's turn: whoever has waited long enough is told so here,
      // and gives up its place there.
      const gaveUp = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const tooLong = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          gaveUp.abort();
          reject(busy());
        }, patience);
      });
      const begin = () => {
        clearTimeout(timer);
        return work();
      };
      try {
        return await Promise.race([enter(key, begin, gaveUp.signal), tooLong]);
      } catch (error) {
        throw error instanceof BulkheadRejectedError ? busy() : error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
