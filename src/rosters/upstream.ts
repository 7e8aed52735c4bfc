import { getLogger } from "@logtape/logtape";
import { bulkhead } from "cockatiel";
import { LRUCache } from "lru-cache";
import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import { createPace } from "../core/turn.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Outbound } from "../outbound/outbound.ts";
import { OutboundError } from "../outbound/outbound_error.ts";
import type { Database } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { difference, type IsLocal } from "./change.ts";
import { editRosters } from "./edit.ts";
import type { Pushes } from "./pushes.ts";
import { readRoster } from "./roster.ts";
import { jsonLimits, type Room } from "./room.ts";
import { findRoster, markFetched } from "./store.ts";

/** Rosters that a web app decides about, where a host has the policy `upstream`. */
export interface Upstream {
  /** Asks the app for a user's roster as it is from now on, once for all who want that. @throws Problem, OutboundError */
  fetch(host: string, user: string): Promise<void>;
  /** Somebody is logging in: asks in the background, unless that was done just now. */
  arriving(host: string, user: string): void;
  /** Prosody wants a roster that was never fetched and waits: somebody who is logging in is given a moment. */
  missing(host: string, user: string): Promise<void>;
  /** Asks again, in the background, for those whom the app could not be asked for. */
  sweep(): Promise<void>;
  /** When nothing is under way. */
  settled(): Promise<void>;
}

export interface UpstreamNeeds {
  readonly database: Database;
  readonly hosts: Hosts;
  readonly outbound: Outbound;
  readonly pushes: Pushes;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly isLocal: IsLocal;
  readonly room: Room;
  /** Of one answer. */
  readonly maxBytes: number;
  /** How long the app may take for one answer, asked again or not, ms. */
  readonly timeout: number;
  /** How long Prosody is let wait for a roster that was never fetched, ms. */
  readonly wait: number;
}

const log = getLogger(["couplet", "rosters"]);
const atOnce = 16; // requests to the app of one host
const fresh = 2_000; // ms for which an answer, or that there is none, is good enough for somebody who logs in
const hurry = 5_000; // ms for which nobody waits for an app that has just been too slow for somebody
const login = 60_000; // ms from a good password to a roster, at most
const mostOwed = 10_000; // users whose roster is to be asked for again
const owedAtOnce = 500;

export function createUpstream(needs: UpstreamNeeds): Upstream {
  const { database, hosts, outbound, pushes, clock, isLocal, room, maxBytes, timeout, wait } = needs;
  const limits = jsonLimits(room);
  const gates = new Map(hosts.all.map(({ domain }) => [domain, bulkhead(atOnce, Infinity)]));
  const underWay = new Map<string, Promise<void>>();
  const following = new Map<string, Promise<void>>();
  const ended = new LRUCache<string, number>({ max: 10_000 });
  const owed = new LRUCache<string, { host: string; user: string }>({ max: mostOwed });
  const hurried = new Map<string, number>();
  const arrived = new LRUCache<string, true>({ max: 10_000, ttl: login });

  async function ask(host: string, user: string): Promise<void> {
    const {
      "rosters.http_roster_url": http_roster_url = "",
      "rosters.http_roster_secret": http_roster_secret,
    } = hosts.byDomain(host).settings;
    const etag = (await findRoster(database.db, host, user))?.etag;
    const answer = await outbound.getJson(urlOf(http_roster_url, user), {
      ...{ timeout, within: timeout, maxBytes, etag, limits },
      ...(http_roster_secret !== undefined && { bearer: http_roster_secret }),
    });
    if (answer.kind === "unchanged") {
      const isKept = (await findRoster(database.db, host, user))?.etag === etag;
      return isKept ? undefined : await ask(host, user); // somebody changed meanwhile what was to stay
    }
    const wanted = await readRoster(
      await tolerated(answer.value, `${user}@${host}`, room.maxItems),
      `${user}@${host}`,
      room.maxItems,
    );
    const [edit] = await editRosters(
      needs,
      host,
      [user],
      async ([kept]) => [await difference(kept!, wanted, isLocal)],
    );
    const fetched = { etag: answer.etag, fetchedAt: clock(), version: edit!.version };
    await database.write((db) => markFetched(db, host, user, fetched));
    pushes.deliver(host);
  }

  /** Joins a request that is under way. */
  function join(host: string, user: string): Promise<void> {
    const name = `${user}@${host}`;
    const before = underWay.get(name);
    if (before) return before;
    const work = gates.get(hosts.byDomain(host).domain)!.execute(() => ask(host, user)).then(() => {
      owed.delete(name);
    }, (error) => {
      if (mayPass(error)) owed.set(name, { host, user });
      else owed.delete(name);
      report(error, host, user);
      throw error;
    }).finally(() => {
      ended.set(name, performance.now());
      underWay.delete(name);
    });
    underWay.set(name, work);
    return work;
  }

  /** For those who do not wait for it. */
  const joinAside = (host: string, user: string): Promise<void> => join(host, user).catch(() => {});

  const isUpstream = (host: string) => hosts.byDomain(host).settings["rosters.policy"] === "upstream";

  const wasJustAsked = (host: string, user: string): boolean =>
    performance.now() - (ended.get(`${user}@${host}`) ?? -Infinity) < fresh;

  return {
    fetch(host, user) {
      const name = `${user}@${host}`;
      const before = underWay.get(name);
      if (!before) return join(host, user);
      const next = following.get(name) ?? before.catch(() => {}).then(() => {
        following.delete(name);
        return join(host, user);
      });
      following.set(name, next);
      return next;
    },

    arriving(host, user) {
      arrived.set(`${user}@${host}`, true);
      if (isUpstream(host) && !wasJustAsked(host, user)) void joinAside(host, user);
    },

    async missing(host, user) {
      // A stranger's presence has Prosody look up any name: only who is logging in is asked and waited for.
      if (!isUpstream(host) || !arrived.has(`${user}@${host}`) || wasJustAsked(host, user)) return;
      const work = joinAside(host, user);
      if (performance.now() < (hurried.get(host) ?? 0)) return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const isLate = await Promise.race([
        work.then(() => false),
        new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(true), wait)),
      ]);
      clearTimeout(timer);
      if (isLate) hurried.set(host, performance.now() + hurry);
    },

    sweep() {
      const isAwake = (host: string) =>
        !outbound.isResting(hosts.byDomain(host).settings["rosters.http_roster_url"] ?? "");
      const some = [...owed.values()].filter(({ host }) => isAwake(host));
      const room = Math.max(0, owedAtOnce - underWay.size);
      for (const { host, user } of some.reverse().slice(0, room)) void joinAside(host, user);
      return Promise.resolve();
    },

    async settled() {
      while (underWay.size + following.size > 0) {
        await Promise.allSettled([...underWay.values(), ...following.values()]);
      }
    },
  };
}

function report(error: unknown, host: string, username: string): void {
  const isOurs = !(error instanceof OutboundError || error instanceof Problem);
  const level = isOurs
    ? "error"
    : error instanceof OutboundError && error.kind === "resting"
    ? "debug"
    : "warn";
  log[level]("A roster could not be had from the web app: {reason}", {
    ...{ host, username, reason: reasonOf(error) },
    ...(isOurs && { error }),
  });
}

const known = ["name", "groups", "subscription"];

/**
 * What an app says that was written for mod_http_roster_admin, which overlooks members that it does not know, what
 * groups are set to, and users among their own contacts.
 */
async function tolerated(value: unknown, owner: string, mostItems: number): Promise<unknown> {
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  if (entries.length > mostItems + 1) return value; // will be refused: the owner is but one of them
  const contacts: [string, unknown][] = [];
  const pace = createPace();
  for (const [index, [jid, item]] of entries.entries()) {
    if (index % 100 === 99) await pace();
    if (jid !== owner) contacts.push([jid, isObject(item) ? knownOf(item) : item]);
  }
  return Object.fromEntries(contacts);
}

const knownOf = (item: Record<string, unknown>) =>
  Object.fromEntries(
    known.filter((name) => Object.hasOwn(item, name) && item[name] !== null)
      .map((
        name,
      ) => [name, name === "groups" && isObject(item[name]) ? Object.keys(item[name]) : item[name]]),
  );

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The app's address for a user; `%s` is the only thing in it that stands for something. */
function urlOf(template: string, user: string): string {
  // Encoded or not, in an address these mean another folder (RFC 3986, 5.2.4).
  if (user === "." || user === "..") throw new Problem("invalid", `${user} cannot stand in an address.`);
  return template.replaceAll("%s", () => encodeURIComponent(user));
}

/** Whether asking later may help. */
const mayPass = (error: unknown): boolean =>
  error instanceof OutboundError
    ? error.isPassing || error.kind === "resting"
    : !(error instanceof Problem && error.code === "invalid");

/** What went wrong, for a log and for who asked for it. */
export const reasonOf = (error: unknown): string =>
  error instanceof Problem ? error.detail : error instanceof Error ? error.message : String(error);
