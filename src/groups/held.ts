import type { Database } from "../store/database.ts";
import type { Joining } from "./joining.ts";
import { listGroupsOf } from "./store.ts";

/** What is held here about a user: the groups that they are in. */
export function createGroupHeld(
  { database, groupJoining }: { database: Database; groupJoining: Pick<Joining, "forget"> },
) {
  return {
    name: "groups",

    async export(host: string, username: string): Promise<unknown> {
      const groups = await listGroupsOf(database.db, host, username);
      return groups.length === 0 ? undefined : groups.map(({ id, name }) => ({ id, name }));
    },

    erase: groupJoining.forget,
  };
}
