import { LRUCache } from "lru-cache";
import { type Actor, type Limits, type Scope, scopes } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import {
  isKeyId,
  isOlderSecret,
  isSecret,
  makeSecret,
  type Random,
  randomId,
  sameText,
  sha256,
} from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import { deleteKey, findKey, insertKey, type KeyRow, listKeys, updateKey } from "./store.ts";

/** What may be known of a key after it was made: never its secret. Times are milliseconds since 1970. */
export interface Key {
  readonly id: string;
  readonly host: string;
  readonly name?: string;
  readonly scopes: readonly string[];
  readonly limits: Limits;
  readonly created_at: number;
  /** Absent: it does not expire. */
  readonly expires_at?: number;
  /** To the hour. */
  readonly last_used_at?: number;
}

/** A key with its secret, at the one moment that it is shown: `ID/SECRET`. */
export interface NewKey extends Key {
  readonly key: string;
}

export interface NewKeyOptions {
  readonly name?: string | undefined;
  /** `invites:create` alone if not given. */
  readonly scopes?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  /** Milliseconds; `undefined` makes a key that does not expire. */
  readonly lifetime?: number | undefined;
}

export interface Keys {
  create(host: string, options: NewKeyOptions): Promise<NewKey>;
  list(host: string): Promise<Key[]>;
  /** @throws Problem `not-found` */
  delete(host: string, id: string): Promise<void>;
  /** A new secret for the same key; the old one ends at once. @throws Problem `not-found` */
  rotate(host: string, id: string): Promise<NewKey>;
  /** Who holds `ID/SECRET` on this host; `undefined` for anybody else, whatever is wrong with it. */
  authenticate(host: string, key: string): Promise<Actor | undefined>;
}

const usedEvery = 3_600_000; // how coarsely the last use is kept, ms

export function createKeys(
  { database, hosts, clock, random }: { database: Database; hosts: Hosts; clock: Clock; random: Random },
): Keys {
  // Keys that were good when the database was last written to; a good key is asked for again and again.
  const known = new LRUCache<string, { actor: Actor; expires: number | null }>({ max: 1_000 });
  let knownAt = -1;

  return {
    async create(hostName, { name, scopes: asked = ["invites:create"], limits = {}, lifetime }) {
      const host = hosts.byDomain(hostName).domain;
      checkName(name);
      checkScopes(asked);
      const secret = makeSecret(random);
      const now = clock();
      const row: KeyRow = {
        id: startWithLetter(randomId(random, 9), random),
        host,
        name: name ?? null,
        secret_hash: sha256(secret),
        scopes: JSON.stringify([...new Set(asked)]),
        limits: JSON.stringify({ roles: [], groups: [], ...limits }), // a key grants no role and no group unless told
        created_at: now,
        expires_at: lifetime === undefined ? null : now + lifetime,
        last_used_at: null,
      };
      await database.write((db) => insertKey(db, row));
      return { ...toKey(row), key: `${row.id}/${secret}` };
    },

    async list(hostName) {
      return (await listKeys(database.db, hosts.byDomain(hostName).domain)).map(toKey);
    },

    async delete(hostName, id) {
      const host = hosts.byDomain(hostName).domain;
      if (!await database.write((db) => deleteKey(db, host, id))) throw notFound();
    },

    async rotate(hostName, id) {
      const host = hosts.byDomain(hostName).domain;
      const secret = makeSecret(random);
      const row = await database.write(async (db) => {
        const found = await findKey(db, host, id);
        if (!found) throw notFound();
        const lifetime = found.expires_at === null ? null : found.expires_at - found.created_at;
        const change = {
          secret_hash: sha256(secret),
          created_at: clock(),
          expires_at: lifetime === null ? null : clock() + lifetime,
        };
        await updateKey(db, host, id, change);
        return { ...found, ...change };
      });
      return { ...toKey(row), key: `${id}/${secret}` };
    },

    async authenticate(host, key) {
      const version = database.version();
      if (version !== knownAt) {
        known.clear(); // somebody has written: perhaps a key was deleted
        knownAt = version;
      }
      const name = `${host} ${key}`;
      const holder = known.get(name);
      if (holder && (holder.expires === null || holder.expires > clock())) return holder.actor;
      const slash = key.indexOf("/");
      const [id, secret] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
      if (!isKeyId(id) || !(isSecret(secret) || isOlderSecret(secret))) return undefined;
      const row = await findKey(database.db, host, id);
      if (!row || !sameText(row.secret_hash, sha256(secret))) return undefined;
      const now = clock();
      if (row.expires_at !== null && row.expires_at <= now) return undefined;
      if (now - (row.last_used_at ?? 0) > usedEvery) noteUse(row, now - now % usedEvery);
      const actor = {
        source: `api/token/${row.id}`,
        host,
        scopes: JSON.parse(row.scopes),
        limits: JSON.parse(row.limits),
      };
      if (version === database.version()) known.set(name, { actor, expires: row.expires_at });
      return actor;
    },
  };

  /** Beside the request: a use that cannot be noted is no reason to refuse it. */
  function noteUse(row: KeyRow, time: number): void {
    database.write((db) => updateKey(db, row.host, row.id, { last_used_at: time })).catch(() => {});
  }
}

const notFound = () =>
  new Problem("not-found", "There is no key with this ID on this host. List them to see all.");

/** A key's ID is an argument on command lines: it must not look like an option. */
function startWithLetter(id: string, random: Random): string {
  while (id.startsWith("-")) id = randomId(random, 9);
  return id;
}

function checkName(name: string | undefined): void {
  if (name === undefined) return;
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw new Problem("invalid", "A key's name must not hold tabs, newlines or other control characters.");
  }
  if (name.length > 200) throw new Problem("invalid", "A key's name may have 200 characters at most.");
}

function checkScopes(asked: readonly string[]): asserts asked is readonly Scope[] {
  const unknown = asked.find((scope) => !(scopes as readonly string[]).includes(scope));
  if (unknown !== undefined) {
    throw new Problem(
      "invalid",
      `There is no scope ${JSON.stringify(unknown)}. Scopes are: ${scopes.join(", ")}.`,
    );
  }
}

function toKey(row: KeyRow): Key {
  return {
    id: row.id,
    host: row.host,
    ...(row.name !== null && { name: row.name }),
    scopes: JSON.parse(row.scopes),
    limits: JSON.parse(row.limits),
    created_at: row.created_at,
    ...(row.expires_at !== null && { expires_at: row.expires_at }),
    ...(row.last_used_at !== null && { last_used_at: row.last_used_at }),
  };
}
