import { type Actor, requireScope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { Hosts } from "../hosts/hosts.ts";

/** What one feature holds about a user: each has one in the list in services.ts. */
export interface Held {
  /** The member of the export. */
  readonly name: string;
  /** All of it, as JSON; `undefined`: nothing. */
  export(host: string, username: string): Promise<unknown>;
  /**
   * Deletes it, or takes the name out of what others need. Again is no error. It comes for an account that is gone,
   * and for a name that somebody is about to get: what is kept for them (a name, a held use) stays.
   */
  erase(host: string, username: string): Promise<void>;
}

/** Everything that Couplet holds about one user. */
export interface PersonExport {
  readonly user: string;
  readonly host: string;
  readonly exported_at: string;
  /** By the name of what holds it; what holds nothing is absent. */
  readonly held: Readonly<Record<string, unknown>>;
}

export interface HeldOfPeople {
  /** @throws Problem `not-allowed`, `invalid` */
  export(actor: Actor, user: string): Promise<PersonExport>;
  /** Not the account, which is Prosody's. @throws Problem `not-allowed`, `invalid` */
  erase(actor: Actor, user: string): Promise<void>;
  /** An account is gone. @param username as Prosody has it */
  gone(host: string, username: string): Promise<void>;
}

export function createHeldOfPeople(
  { hosts, clock, all }: { hosts: Hosts; clock: Clock; all: readonly Held[] },
): HeldOfPeople {
  const gone = async (host: string, username: string) =>
    void await Promise.all(all.map(({ erase }) => erase(host, username)));

  return {
    async export(actor, user) {
      requireScope(actor, "people:read");
      const host = hosts.byDomain(actor.host).domain;
      const username = usernameOf(user);
      const held = await Promise.all(
        all.map(async (one) => [one.name, await one.export(host, username)] as const),
      );
      return {
        ...{ user: username, host, exported_at: new Date(clock()).toISOString() },
        held: Object.fromEntries(held.filter(([, value]) => value !== undefined)),
      };
    },

    async erase(actor, user) {
      requireScope(actor, "people:erase");
      await gone(hosts.byDomain(actor.host).domain, usernameOf(user));
    },

    gone,
  };
}

function usernameOf(user: string): string {
  const username = normaliseLocal(user);
  if (username !== undefined) return username;
  throw new Problem("invalid", "This cannot be a username. Give the part before the @.");
}
