import type { Clock } from "../core/clock.ts";
import { createPace } from "../core/turn.ts";
import { createDrains } from "../rosters/drains.ts";
import type { Pushes } from "../rosters/pushes.ts";
import type { Database } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { settleMember } from "./membership.ts";
import { deleteEnded, listUnsettled, listUnsettledHosts } from "./store.ts";

/** Rosters that are to be made what their groups say, one after another: a write each, so that nobody waits long. */
export interface Settling {
  /** Ends when there is nothing left to do on this host. Never throws: the sweep goes on where it ended. */
  run(host: string): Promise<void>;
  /** Does what a crash, or another process, has left to be done. */
  sweep(): Promise<void>;
  /** When nothing is under way. */
  settled(): Promise<void>;
}

const atOnce = 100;

export function createSettling(
  { database, clock, pushes, emit, isServed }: {
    database: Database;
    clock: Clock;
    pushes: Pushes;
    emit: Emit;
    isServed: (host: string) => boolean;
  },
): Settling {
  const drains = createDrains(async (host) => {
    for (const pace = createPace();;) {
      const members = await listUnsettled(database.db, host, atOnce);
      for (const member of members) {
        await database.write((db) => settleMember(db, host, member, { now: clock(), emit }));
        pushes.deliver(host);
        await pace(); // one write after another would let no socket be looked at
      }
      if (members.length === 0) return await database.write((db) => deleteEnded(db, host));
    }
  });
  return {
    run: drains.run,
    async sweep() {
      for (const host of await listUnsettledHosts(database.db)) if (isServed(host)) await drains.run(host);
    },
    settled: drains.settled,
  };
}
