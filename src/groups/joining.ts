import { getLogger } from "@logtape/logtape";
import { letOthersRun } from "../core/turn.ts";
import type { Db } from "../store/database.ts";
import { spaceIn } from "../rosters/sides.ts";
import type { GroupNeeds } from "./ground.ts";
import { enrol, join, leave } from "./membership.ts";
import { findGroups, listGroupsOf } from "./store.ts";

/** Groups of people who come and go, where nobody is left to be told that something is wrong. */
export interface Joining {
  /** Of these ids those that are no groups of this host's. None, where a web app decides about rosters. */
  missing(host: string, ids: readonly string[]): Promise<string[]>;
  /**
   * A user becomes a member of those of these groups that there are and that have room. Inside of a write; `deliver`
   * has it heard of afterwards, and takes to rosters what would have been too much for one write.
   */
  join(db: Db, host: string, username: string, ids: readonly string[]): Promise<void>;
  deliver(host: string): void;
  /** An account is gone: it leaves its groups. */
  forget(host: string, username: string): Promise<void>;
}

const log = getLogger(["couplet", "groups"]);
/** Groups of one user: a contact cannot be in many more roster groups. */
export const mostGroupsOfUser = 50;

const mostInWrite = 1_000; // members of all groups that somebody joins at once

export function createJoining(
  { database, hosts, clock, pushes, room, settling, emit }: GroupNeeds,
): Joining {
  const staged = new Set<string>();
  const settingsOf = (host: string) => hosts.byDomain(host).settings;
  const isUpstream = (host: string) => settingsOf(host)["rosters.policy"] === "upstream";

  return {
    async missing(host, ids) {
      if (ids.length === 0 || isUpstream(host)) return [];
      const known = new Set((await findGroups(database.db, host, ids)).map(({ id }) => id));
      return ids.filter((id) => !known.has(id));
    },

    async join(db, host, username, ids) {
      if (ids.length === 0 || isUpstream(host)) return;
      const named = await findGroups(db, host, ids);
      if (named.length === 0) return;
      const own = new Set((await listGroupsOf(db, host, username)).map(({ key }) => key));
      const most = settingsOf(host)["groups.max_members"];
      let [space, places] = [await spaceIn(db, host, username, room), mostGroupsOfUser - own.size];
      const joined = named.filter((group) => {
        if (own.has(group.key)) return true;
        const fits = group.members < most && places > 0 && group.members <= space;
        if (!fits) log.warn("A group is full: somebody could not join", { host, group: group.id, username });
        else [space, places] = [space - group.members, places - 1];
        return fits;
      });
      let left = mostInWrite;
      const [now, later]: [typeof joined, typeof joined] = [[], []];
      for (const group of joined) ((left -= group.members) >= 0 ? now : later).push(group);
      if (now.length > 0) await join(db, host, username, now, { now: clock(), emit });
      for (const group of later) await enrol(db, group, [username], clock());
      if (later.length > 0) staged.add(host);
    },

    deliver(host) {
      pushes.deliver(host);
      if (staged.delete(host)) void settling.run(host);
    },

    async forget(host, username) {
      for (const group of await listGroupsOf(database.db, host, username)) {
        await database.write((db) =>
          leave(db, host, group, username, { now: clock(), emit }, { gone: true })
        );
        await letOthersRun();
      }
      pushes.deliver(host);
    },
  };
}
