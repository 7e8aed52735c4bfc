import { LRUCache } from "lru-cache";
import { type Backoff, createBackoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { Problem } from "./problem.ts";
import { sha256 } from "./token.ts";

/** Who wants to be let in as whom. */
export interface Attempt {
  /** `undefined` if it is not known: then it is not counted. */
  readonly address: string | undefined;
  readonly host: string;
  /** In the form that is compared, whether there is such an account or not. */
  readonly username: string;
}

/** Wrong passwords, counted by account and by address. */
export interface Attempts {
  /**
   * Asked before a password is looked at. `undefined`: go on, and say how it went, unless that cannot be found out.
   * Otherwise the password must not be looked at, and nothing has been counted.
   */
  check(attempt: Attempt): Problem | undefined;
  failed(attempt: Attempt): void;
  succeeded(attempt: Attempt): void;
}

const minute = 60_000;
const forAccount = { free: 10, longest: minute, memory: 24 * 60 * minute };
const forAddress = { free: 30, longest: 5 * minute, memory: 10 * minute };

/** @param known how many accounts, and how many addresses, are remembered */
export function createAttempts({ clock, known = 100_000 }: { clock: Clock; known?: number }): Attempts {
  const accounts = createBackoff({ ...forAccount, known, clock });
  const addresses = createBackoff({ ...forAddress, known, clock });
  const familiar = new LRUCache<string, true>({ maxSize: known, sizeCalculation: () => 1 });

  /**
   * What a try counts for. An address from which this account was let in before answers for itself alone: strangers
   * can lock nobody out at home, nor can a neighbour's old phone. Guessing at one's own account gains nothing.
   */
  function countsOf({ address, ...who }: Attempt): [Backoff, string][] {
    const account = accountOf(who);
    if (address === undefined) return [[accounts, account]];
    const pair = pairOf(account, address);
    return familiar.get(pair) ? [[accounts, pair]] : [[accounts, account], [addresses, address]];
  }

  return {
    check(attempt) {
      const counts = countsOf(attempt);
      const wait = Math.max(...counts.map(([backoff, key]) => backoff.waitOf(key)));
      if (wait > 0) return tooMany(Math.ceil(wait / 1_000));
      // Taken now: of a hundred tries at the same moment one is looked at.
      for (const [backoff, key] of counts) backoff.take(key);
      return undefined;
    },
    failed(attempt) {
      for (const [backoff, key] of countsOf(attempt)) backoff.failed(key);
    },
    succeeded(attempt) {
      for (const [backoff, key] of countsOf(attempt)) if (backoff === accounts) backoff.forget(key);
      if (attempt.address !== undefined) familiar.set(pairOf(accountOf(attempt), attempt.address), true);
    },
  };
}

/** Short, however long the name: they are many, and strangers choose them. */
function accountOf({ host, username }: Pick<Attempt, "host" | "username">): string {
  const account = `${host}/${username}`;
  return account.length <= 64 ? account : sha256(account);
}

const pairOf = (account: string, address: string) => `${account} ${address}`;

const tooMany = (retryAfter: number) =>
  new Problem(
    "too-many-requests",
    `There were too many wrong passwords. Try again in ${retryAfter} s.`,
    [],
    { retryAfter },
  );
