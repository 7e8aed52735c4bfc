import type { Clock } from "../core/clock.ts";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { asKept } from "./leftovers.ts";
import { rosterChanged } from "./roster_events.ts";
import { isBeyond, type KeptRoster, readContact, readItem } from "./roster.ts";
import { findRoster, listRosters, listVersions } from "./store.ts";
import { countRosters, type NewRoster, putRosters } from "./transfer_store.ts";

/** A user's roster as a source has it, not checked yet, or why it cannot be read. */
export type Incoming =
  | {
    readonly username: string;
    readonly roster: {
      readonly version: number;
      /** Contacts as JSON has them, by JID. */
      readonly items: ReadonlyMap<string, unknown>;
      readonly pending: ReadonlyMap<string, unknown>;
    };
    /** Bytes, or about as many, that it has in the source. */
    readonly size?: number;
  }
  | { readonly username: string; readonly error: Error };

/** A contact that cannot be kept, or without `contact`, a user whose whole roster cannot be. */
export interface LeftOut {
  readonly user: string;
  readonly contact?: string;
  /** The roster's version alone: it counts anew. */
  readonly version?: number;
  readonly reason: string;
}

/** What has become of an import so far. */
export interface ImportCount {
  /** All that were seen. */
  users: number;
  imported: number;
  /** Users who had a roster here and keep it. */
  kept: number;
  failed: number;
  /** Contacts of those who were imported. */
  contacts: number;
  /** Contacts and requests of theirs that cannot be kept. */
  left_out: number;
}

export interface ImportOptions {
  /** Rosters that are here already, too. */
  readonly replace?: boolean;
  /** Reads, checks and counts, and changes nothing. */
  readonly dryRun?: boolean;
  readonly onLeftOut?: (what: LeftOut) => void;
  readonly onProgress?: (count: Readonly<ImportCount>) => void;
}

/** Rosters of whole hosts, in and out. */
export interface RosterTransfer {
  /** The host's name as it is kept. @throws Problem `unknown-host` */
  domainOf(host: string): string;
  /**
   * Puts rosters in as they are, without asking anybody: each user's is whole or absent, whenever it ends. What
   * cannot be kept is told and left out.
   * @throws Problem `unknown-host`, `kept-elsewhere`, `store-unavailable`, and whatever the source does
   */
  import(host: string, source: AsyncIterable<Incoming>, options?: ImportOptions): Promise<ImportCount>;
  /** All rosters of a host, by username. @throws Problem `unknown-host` */
  export(host: string): AsyncGenerator<{ user: string; roster: KeptRoster }, void>;
  /** How many that will be. @throws Problem `unknown-host` */
  count(host: string): Promise<number>;
}

const batchItems = 2_000; // to a commit: others who write wait no longer
const batchBytes = 1 << 22; // of the source: what is read of it takes many times as much
const namesAPage = 500;

/** @param isElement whether a text is one well-formed XML element, as Prosody's parser will have it */
export function createRosterTransfer(
  { database, hosts, clock, emit, isElement }: {
    database: Database;
    hosts: Hosts;
    clock: Clock;
    emit: Emit;
    isElement: (text: string) => boolean;
  },
): RosterTransfer {
  const domainOf = (host: string) => hosts.byDomain(host).domain;
  return {
    domainOf,

    async import(hostName, source, { replace = false, dryRun = false, onLeftOut, onProgress } = {}) {
      const { domain: host, settings } = hosts.byDomain(hostName);
      if (settings["rosters.policy"] === "upstream") {
        throw new Problem("kept-elsewhere", `The web app decides about the rosters of ${host}.`);
      }
      const count: ImportCount = { users: 0, imported: 0, kept: 0, failed: 0, contacts: 0, left_out: 0 };
      const leaveOut = (what: LeftOut) => {
        if (what.contact !== undefined) count.left_out++;
        else if (what.version === undefined) count.failed++;
        onLeftOut?.(what);
      };
      const check = (incoming: Incoming) => {
        const found = readIncoming(incoming, host, isElement, leaveOut);
        if (typeof found !== "string") return [found];
        leaveOut({ user: incoming.username.slice(0, 200), reason: found });
        return [];
      };
      const finish = async (batch: ReadonlyMap<string, Incoming>) => {
        const known = replace ? undefined : await listVersions(database.db, host, [...batch.keys()]);
        const news = [...batch.values()].filter(({ username }) => !known?.has(username)).flatMap(check);
        const options = { replace, now: clock() };
        const put = dryRun
          ? new Set(news.map(({ username }) => username))
          : await database.write(async (db) => {
            const users = await putRosters(db, host, news, options);
            await emit(db, rosterChanged(host, users));
            return users;
          }).catch((error) => {
            throw stopped(error, count.imported);
          });
        for (const { username, items } of news) if (put.has(username)) count.contacts += items.size;
        count.users += batch.size;
        count.imported += put.size;
        count.kept = count.users - count.imported - count.failed;
        onProgress?.(count);
      };

      let [batch, items, bytes] = [new Map<string, Incoming>(), 0, 0];
      const next = async () => {
        await finish(batch);
        [batch, items, bytes] = [new Map(), 0, 0];
      };
      for await (const incoming of source) {
        if (batch.has(incoming.username)) await next();
        batch.set(incoming.username, incoming);
        items++;
        if ("roster" in incoming) {
          items += incoming.roster.items.size + incoming.roster.pending.size;
          bytes += incoming.size ?? 0;
        }
        if (items >= batchItems || bytes >= batchBytes) await next();
      }
      if (batch.size > 0) await finish(batch);
      return count;
    },

    async *export(hostName) {
      const [host, { db }] = [domainOf(hostName), database];
      for (let after: string | undefined = ""; after !== undefined;) {
        const users = await listRosters(db, host, after, namesAPage);
        for (const user of users) {
          const roster = await findRoster(db, host, user);
          if (roster) yield { user, roster };
        }
        after = users.at(-1);
      }
    },

    count: (host) => countRosters(database.db, domainOf(host)),
  };
}

/** What can be kept of it, or why nothing can. */
function readIncoming(
  incoming: Incoming,
  host: string,
  isElement: (text: string) => boolean,
  leaveOut: (what: LeftOut) => void,
): NewRoster | string {
  if ("error" in incoming) return incoming.error.message;
  const { username, roster } = incoming;
  if (normaliseLocal(username) !== username) {
    return "This is not how a username is spelled that Prosody uses.";
  }
  if (!Number.isInteger(roster.version) || roster.version < 0) {
    return "A roster's version is a whole number.";
  }
  let { version } = roster;
  if (isBeyond(version)) {
    const reason = `The version ${version} leaves no room to count on: this roster begins at 1 again.`;
    leaveOut({ user: username, version, reason });
    version = 1;
  }
  const owner = `${username}@${host}`;
  let [current, isWhole] = ["", true]; // no closures for each contact: there are millions
  const fault = (reason: string) => {
    if (isWhole) leaveOut({ user: username, contact: current.slice(0, 200), reason });
    isWhole = false;
  };
  const each = <T>(all: ReadonlyMap<string, unknown>, read: (value: unknown) => T) => {
    const found = new Map<string, T>();
    for (const [text, value] of all) {
      [current, isWhole] = [text, true];
      const contact = readContact(text, owner);
      if (typeof contact === "string") {
        fault(contact);
        continue;
      }
      const { jid } = contact;
      // Prosody looks for the spelling that is kept, and for no other.
      if (text !== jid && (all.has(jid) || found.has(jid))) {
        fault(`${jid} stands there in another spelling too.`);
        continue;
      }
      const item = read(value);
      if (isWhole) found.set(jid, item);
    }
    return found;
  };
  const itemFault = (member: string, reason: string) =>
    fault(member === "" ? reason : `${member.slice(0, 100)}: ${reason}`);
  const items = each(roster.items, (value) => readItem(asKept(value), itemFault));
  const pending = each(roster.pending, (value) => {
    if (typeof value === "string" && value.length < longestRequest && isElement(value)) return value;
    if (value !== true) fault("This request for a subscription is no well-formed stanza.");
    return true as const;
  });
  // Version 0 is that of users without a roster.
  version = Math.max(version, items.size + pending.size > 0 ? 1 : 0);
  return { username, version, items, pending };
}

const longestRequest = 100_000; // characters

function stopped(error: unknown, imported: number): unknown {
  if (!(error instanceof Problem) || imported === 0) return error;
  const problem = new Problem(
    error.code,
    `The store could not be written. ${imported} users are in; run this again for the others.`,
  );
  problem.cause = error;
  return problem;
}
