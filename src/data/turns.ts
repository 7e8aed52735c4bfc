import { Mutex, type MutexInterface, withTimeout } from "async-mutex";
import { Problem } from "../core/problem.ts";

/** Lets works of the same name run one after the other. */
export interface Turns {
  /** @throws Problem `store-unavailable` if those before take too long, or one of them found that nobody is there */
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

const patience = 5_000; // ms for a turn

export function createTurns(): Turns {
  const turns = new Map<string, { mutex: MutexInterface; waiting: number }>();

  return {
    async run(name, work) {
      const turn = turns.get(name) ?? { mutex: createMutex(), waiting: 0 };
      turns.set(name, turn);
      turn.waiting++;
      try {
        return await turn.mutex.runExclusive(async () => {
          try {
            return await work();
          } catch (error) {
            // The next would wait for the same as long again, and those behind it longer.
            if (error instanceof Problem && error.code === "store-unavailable") turn.mutex.cancel();
            throw error;
          }
        });
      } finally {
        if (--turn.waiting === 0) turns.delete(name);
      }
    },
  };
}

function createMutex(): MutexInterface {
  const tooSlow = new Problem(
    "store-unavailable",
    "Changes of this wait for each other just now. Try again shortly; nothing was changed.",
  );
  return withTimeout(new Mutex(tooSlow), patience, tooSlow);
}
