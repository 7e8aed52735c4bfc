import type { Database } from "../store/database.ts";
import { countVersionsOf } from "./version_store.ts";
import type { Versions } from "./versions.ts";

/** What is held here about a user: versions of what was replaced. The data itself is Prosody's. */
export function createDataHeld(
  { database, versions }: { database: Database; versions: Pick<Versions, "purge"> },
) {
  return {
    name: "data_versions",

    /** How many, by store: what they say is users' data of Prosody's, and may be a secret. */
    async export(host: string, username: string): Promise<unknown> {
      const counts = await countVersionsOf(database.db, host, username);
      return counts.length === 0
        ? undefined
        : Object.fromEntries(counts.map(({ store, count }) => [store, count]));
    },

    erase: (host: string, username: string) => versions.purge(host, username),
  };
}
