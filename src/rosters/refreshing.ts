import { normaliseLocal } from "../core/jid.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Prosody } from "../prosody/prosody.ts";
import type { RosterRefresh } from "./refresh.ts";
import { reasonOf, type Upstream } from "./upstream.ts";

const atOnce = 32;

/**
 * What mod_http_roster_admin's refresh does: where a web app decides, its rosters are fetched anew; elsewhere
 * Prosody is told to look at ours again. Each user counts as updated or as an error, in bounded time.
 */
export function createRefresh(
  { hosts, prosody, upstream, patience = 30_000 }: {
    hosts: Hosts;
    prosody: Pick<Prosody, "userExists" | "pushRoster">;
    upstream: Pick<Upstream, "fetch">;
    /** For all of them, ms. */
    patience?: number;
  },
): RosterRefresh {
  async function refreshOne(host: string, text: string): Promise<string | undefined> {
    const user = normaliseLocal(text);
    if (user === undefined) return "This cannot be a username.";
    try {
      if (await prosody.userExists(host, user) === false) return "There is no such account.";
      if (hosts.byDomain(host).settings["rosters.policy"] === "upstream") await upstream.fetch(host, user);
      else if (await prosody.pushRoster(host, user, { items: [] }) !== true) {
        return "Prosody could not be told.";
      }
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  return {
    async refresh(host, users) {
      const waiting = [...new Set(users)];
      const results = new Map<string, string | undefined>(
        waiting.map((user) => [user, "There was no time left for it: ask again."]),
      );
      let isOver = false;
      const work = async () => {
        for (let user; !isOver && (user = waiting.shift()) !== undefined;) {
          results.set(user, "This was not done in time; it goes on.");
          results.set(user, await refreshOne(host, user));
        }
      };
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([
        Promise.all(Array.from({ length: atOnce }, work)),
        new Promise((resolve) => timer = setTimeout(resolve, patience)),
      ]);
      isOver = true;
      clearTimeout(timer);
      const all = [...results];
      return {
        updated: all.flatMap(([user, reason]) => reason === undefined ? [user] : []),
        failed: all.flatMap(([user, reason]) => reason === undefined ? [] : [{ user, reason }]),
      };
    },
  };
}
