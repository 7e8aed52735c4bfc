import { getLogger } from "@logtape/logtape";

/** Work for one host at a time: whoever asks while it runs has it run once more. */
export interface Drains {
  /** Ends when what waited by now has been looked at. Never throws. */
  run(host: string): Promise<void>;
  /** When nothing is under way. */
  settled(): Promise<void>;
}

const log = getLogger(["couplet", "rosters"]);

export function createDrains(drain: (host: string) => Promise<void>): Drains {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  return {
    run(host) {
      const before = running.get(host);
      if (before) {
        again.add(host);
        return before;
      }
      const work = (async () => {
        try {
          do {
            again.delete(host);
            await drain(host);
          } while (again.has(host));
        } catch (error) {
          log.error("Changed rosters could not be delivered", { host, error });
        }
        running.delete(host); // in the same breath as the last look: whoever comes now begins anew
      })();
      running.set(host, work);
      return work;
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
