import type { Database } from "../store/database.ts";
import type { RosterRecords } from "./records.ts";
import { rosterJson } from "./roster.ts";
import { findRoster } from "./store.ts";

/** What is held here about a user: the roster, and who asks to be in it. */
export function createRosterHeld(
  { database, records }: { database: Database; records: Pick<RosterRecords, "remove"> },
) {
  return {
    name: "roster",

    async export(host: string, username: string): Promise<unknown> {
      const kept = await findRoster(database.db, host, username);
      return kept && { contacts: rosterJson(kept.items), asking: [...kept.pending.keys()] };
    },

    erase: (host: string, username: string) => records.remove(host, username),
  };
}
