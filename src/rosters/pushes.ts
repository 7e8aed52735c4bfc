import { getLogger } from "@logtape/logtape";
import type { Clock } from "../core/clock.ts";
import { inPieces } from "../core/turn.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Outbound } from "../outbound/outbound.ts";
import type { Prosody } from "../prosody/prosody.ts";
import type { Database } from "../store/database.ts";
import { createDrains } from "./drains.ts";
import {
  deletePushes,
  deletePushesBefore,
  listPushes,
  listPushHosts,
  listSilentPushes,
  type PushRow,
} from "./push_store.ts";
import { listVersions } from "./store.ts";
import { createTelling } from "./telling.ts";
import { listUntoldHosts } from "./untold_store.ts";

/**
 * Tells Prosody, and a `refresh_url`, what became of rosters: whatever is written with a change waits in the store
 * until it is told. Neither waits for the other.
 */
export interface Pushes {
  /** Delivers what waits for this host, in its own time. */
  deliver(host: string): void;
  /** Delivers what waits for any host: what the command line has left, or what could not be delivered before. */
  deliverAll(): Promise<void>;
  /** Prosody says which versions its online users have; those with another one are told to look again. */
  compare(host: string, versions: ReadonlyMap<string, number>): Promise<void>;
  /** Prosody may take a user's roster for something that it is not: it is told to look again, in its own time. */
  lookAgain(host: string, user: string): void;
  /** Forgets what could not be told for so long that nobody waits for it. */
  sweep(): Promise<void>;
  /** When nothing is under way. */
  settled(): Promise<void>;
}

const log = getLogger(["couplet", "rosters"]);
const atOnce = 32;
const passedAtOnce = 200;
const longestDial = 15_000; // ms that a Prosody which asks us takes to link, if another was linked before it
const longestWait = 7 * 86_400_000; // ms

export function createPushes(
  { database, hosts, prosody, outbound, clock }: {
    database: Database;
    hosts: Hosts;
    prosody: Prosody;
    outbound: Outbound;
    clock: Clock;
  },
): Pushes {
  const telling = createTelling({ database, hosts, outbound });

  /** @returns whether it need not be kept any longer */
  async function tellProsody(host: string, { username, change }: PushRow): Promise<boolean> {
    const done = await prosody.pushRoster(host, username, change);
    if (done === false) log.warn("Prosody could not take a changed roster", { host, username });
    return done !== undefined;
  }

  /**
   * Prosody compares its rosters with ours when it is back: only what goes to contacts elsewhere must wait, and what is
   * new, because one that is about to link may save what it has not heard of.
   */
  async function passOver(host: string): Promise<void> {
    const before = clock() - longestDial;
    let after: number | undefined = 0;
    await inPieces(async () => {
      const options = { after: after!, before, limit: passedAtOnce };
      const { silent, next } = await listSilentPushes(database.db, host, options);
      await telling.note(host); // before any of them is deleted
      telling.tell(host);
      if (silent.length > 0) await database.write((db) => deletePushes(db, silent));
      after = next;
      return next !== undefined;
    });
  }

  async function drain(host: string): Promise<void> {
    for (;;) {
      const isLinked = prosody.isLinked(host);
      if (isLinked === undefined) return;
      if (!isLinked) return await passOver(host);
      const rows = await listPushes(database.db, host, atOnce);
      if (rows.length > 0) await telling.note(host); // before any of them is deleted
      telling.tell(host);
      if (rows.length === 0) return;
      const told = await Promise.all(rows.map((row) => tellProsody(host, row)));
      const ended = rows.filter((_, i) => told[i]).map(({ id }) => id);
      if (ended.length > 0) await database.write((db) => deletePushes(db, ended));
      if (ended.length < rows.length) return;
    }
  }
  const drains = createDrains(drain);

  return {
    deliver: (host) => void drains.run(host),
    async deliverAll() {
      const [some, more] = await Promise.all([listPushHosts(database.db), listUntoldHosts(database.db)]);
      const waiting = new Set([...some, ...more]);
      await Promise.all(
        hosts.all.filter(({ domain }) => waiting.has(domain)).map(({ domain }) => drains.run(domain)),
      );
    },
    async compare(host, versions) {
      const known = await listVersions(database.db, host, [...versions.keys()]);
      const stale = [...versions].filter(([user, version]) => (known.get(user) ?? 0) !== version);
      for (let at = 0; at < stale.length; at += atOnce) {
        const some = stale.slice(at, at + atOnce);
        await Promise.all(some.map(([user]) => prosody.pushRoster(host, user, { items: [] })));
      }
    },
    lookAgain: (host, user) => void prosody.pushRoster(host, user, { items: [] }).catch(() => {}),
    async sweep() {
      const old = clock() - longestWait;
      await inPieces(async () => await database.write((db) => deletePushesBefore(db, old, 100)) === 100);
      await telling.forget(old);
    },
    async settled() {
      await drains.settled();
      await telling.settled();
    },
  };
}
