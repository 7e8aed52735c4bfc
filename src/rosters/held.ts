import type { Clock } from "../core/clock.ts";
import type { Database } from "../store/database.ts";
import { insertPush } from "./push_store.ts";
import type { Pushes } from "./pushes.ts";
import { rosterJson } from "./roster.ts";
import { deleteRoster, findHead, findRoster } from "./store.ts";

/** What is held here about a user: the roster, and who asks to be in it. */
export function createRosterHeld(
  { database, pushes, clock }: { database: Database; pushes: Pick<Pushes, "deliver">; clock: Clock },
) {
  return {
    name: "roster",

    async export(host: string, username: string): Promise<unknown> {
      const kept = await findRoster(database.db, host, username);
      return kept && { contacts: rosterJson(kept.items), asking: [...kept.pending.keys()] };
    },

    /** The account may live on: Prosody is told to look again, now or, by the command line, soon. */
    async erase(host: string, username: string): Promise<void> {
      await database.write(async (db) => {
        if (!await findHead(db, host, username)) return;
        await deleteRoster(db, host, username);
        await insertPush(db, { host, username, change: { items: [] }, before: {}, created_at: clock() });
      });
      pushes.deliver(host);
    },
  };
}
