import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import type { Vault } from "../core/token.ts";
import type { Groups } from "../groups/groups.ts";
import type { Joining } from "../groups/joining.ts";
import type { GroupMembers } from "../groups/members.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { createInviteAdoption } from "../invites/adoption.ts";
import { createKeyAdoption } from "../keys/adoption.ts";
import type { RosterTransfer } from "../rosters/transfer.ts";
import type { Database } from "../store/database.ts";
import { createGroupImport } from "./groups.ts";
import { createInviteImport } from "./invites.ts";
import { createKeyImport } from "./keys.ts";
import { createRosterImport } from "./rosters.ts";
import {
  type Count,
  createTally,
  type ImportKind,
  type ImportOptions,
  type Kind,
  type Source,
} from "./tally.ts";

/** What has become of one kind of a host. */
export interface KindReport {
  readonly host: string;
  readonly kind: Kind;
  readonly count: Count;
  /** Why nothing of this kind was brought in, though nothing went wrong. */
  readonly skipped?: string;
}

/** What another server kept of invites, keys, groups and rosters. */
export interface Imports {
  /** Whether a host of the source, as Prosody spells it, is served here. */
  isServed(host: string): boolean;
  /** A host that somebody named, as it is kept. @throws Problem `unknown-host` */
  domainOf(host: string): string;
  /**
   * Brings in one kind of a host as it is there. What is here already stays as it is, so it can be done again, and
   * goes on where it was interrupted.
   * @throws Problem `unknown-host`, `store-unavailable`, and whatever the source does
   */
  import(host: string, kind: Kind, source: Source, options?: ImportOptions): Promise<KindReport>;
}

export interface ImportNeeds {
  readonly database: Database;
  readonly hosts: Hosts;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly rosterTransfer: RosterTransfer;
  readonly groups: Pick<Groups, "get">;
  readonly groupMembers: Pick<GroupMembers, "bring" | "usernames">;
  readonly joining: Pick<Joining, "missing">;
}

export function createImports(needs: ImportNeeds): Imports {
  const { hosts, rosterTransfer } = needs;
  const importers: Record<Kind, ImportKind> = {
    keys: createKeyImport(createKeyAdoption(needs)),
    rosters: createRosterImport(rosterTransfer),
    groups: createGroupImport(needs),
    invites: createInviteImport(createInviteAdoption(needs), needs),
  };
  return {
    isServed: (host) => hosts.all.some(({ domain }) => domain === host),
    domainOf: (host) => hosts.byDomain(host).domain,

    async import(host, kind, source, options = {}) {
      const tally = createTally(options);
      try {
        await importers[kind](host, source, tally);
      } catch (error) {
        if (error instanceof Problem && error.code === "kept-elsewhere") {
          return { host, kind, count: tally.count, skipped: error.message };
        }
        throw stopped(error);
      }
      return { host, kind, count: tally.count };
    },
  };
}

/** The rules of each kind say that nothing was changed: of this batch. */
function stopped(error: unknown): unknown {
  if (!(error instanceof Problem) || error.code !== "store-unavailable") return error;
  const problem = new Problem(
    error.code,
    "The store could not be written any more. What is in stays; run this again for the rest.",
  );
  problem.cause = error;
  return problem;
}
