import { getLogger } from "@logtape/logtape";
import { inPieces } from "../core/turn.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Outbound } from "../outbound/outbound.ts";
import { OutboundError } from "../outbound/outbound_error.ts";
import type { Database } from "../store/database.ts";
import { createDrains } from "./drains.ts";
import { deleteUntold, deleteUntoldBefore, insertUntold, lastPush, listUntold } from "./untold_store.ts";

/** Tells the `refresh_url` of a host whose rosters were changed, as mod_http_roster_admin wants to hear it. */
export interface Telling {
  /** Takes up, for good, all changes of this host that Prosody has not been told of yet. */
  note(host: string): Promise<void>;
  /** Tells what was taken up, in its own time. */
  tell(host: string): void;
  /** Forgets what could not be told since this time. */
  forget(before: number): Promise<void>;
  /** When nothing is under way. */
  settled(): Promise<void>;
}

const log = getLogger(["couplet", "rosters"]);
const usersAtOnce = 100;
const timeout = 10_000; // ms: mod_http_roster_admin answers when it has fetched all of these rosters

export function createTelling(
  { database, hosts, outbound }: { database: Database; hosts: Hosts; outbound: Outbound },
): Telling {
  const noted = new Map<string, number>(); // of each host, up to which change

  /** @returns whether they know now, or cannot be helped */
  async function post(host: string, users: readonly string[]): Promise<boolean> {
    const { "rosters.refresh_url": refresh_url, "rosters.refresh_secret": refresh_secret } =
      hosts.byDomain(host).settings;
    if (refresh_url === undefined) return true;
    if (outbound.isResting(refresh_url)) return false;
    try {
      await outbound.postJson(refresh_url, users, {
        ...{ timeout, maxBytes: 65_536, tries: 1 }, // the store tries again
        ...(refresh_secret !== undefined && { bearer: refresh_secret }),
      });
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      if (error.kind === "not-json" || error.kind === "too-large") return true; // a 2xx, whatever it says
      const willTry = error.isPassing || error.kind === "resting";
      log.warn("A refresh_url could not be told of changed rosters: {reason}", {
        ...{ host, reason: error.message, users: users.length, willTry },
      });
      return !willTry;
    }
    return true;
  }

  const drains = createDrains(async (host) => {
    for (;;) {
      const rows = await listUntold(database.db, host, usersAtOnce);
      if (rows.length === 0 || !await post(host, rows.map(({ username }) => username))) return;
      await database.write((db) => deleteUntold(db, rows.map(({ id }) => id)));
    }
  });

  return {
    async note(host) {
      if (hosts.byDomain(host).settings["rosters.refresh_url"] === undefined) return;
      const [from, to] = [noted.get(host) ?? 0, await lastPush(database.db, host)];
      if (to <= from) return;
      await database.write((db) => insertUntold(db, host, from));
      noted.set(host, to);
    },
    tell: (host) => void drains.run(host),
    async forget(before) {
      await inPieces(async () => await database.write((db) => deleteUntoldBefore(db, before, 500)) === 500);
    },
    settled: drains.settled,
  };
}
