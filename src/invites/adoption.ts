import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import type { Vault } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database, Db } from "../store/database.ts";
import { findInvitesAnywhere, insertInvites, listReserved } from "./adoption_store.ts";
import { newRow } from "./invites.ts";
import { checkToken } from "./records.ts";
import type { Wanted } from "./request.ts";
import type { NewInviteRow } from "./store.ts";

/** An invite that was given out elsewhere, with its token: its life begins at `created_at`, ms since 1970. */
export interface OlderInvite {
  readonly token: string;
  readonly wanted: Wanted;
  readonly source: string;
  readonly created_at: number;
}

/** What became of one of them; anything else says why it could not be taken in. */
export type AdoptedInvite = "imported" | "there" | { readonly reason: string };

/** Takes in invites that were made elsewhere, so that their links go on working. */
export interface InviteAdoption {
  /**
   * Begins to take in a host's invites.
   * @param dryRun checks, and changes nothing
   * @throws Problem `unknown-host`
   */
  begin(host: string, options?: { dryRun?: boolean }): AdoptInvites;
}

/**
 * Takes in some of them in one transaction: a few hundred at most, so that others who write need not wait. One that is
 * here already, whatever has become of it since, stays as it is. Answers what became of each, in their order.
 * @throws Problem `store-unavailable`
 */
export type AdoptInvites = (invites: readonly OlderInvite[]) => Promise<AdoptedInvite[]>;

export function createInviteAdoption(
  { database, hosts, vault, clock }: { database: Database; hosts: Hosts; vault: Vault; clock: Clock },
): InviteAdoption {
  return {
    begin(hostName, { dryRun = false } = {}) {
      const host = hosts.byDomain(hostName).domain;
      const names = new Set<string>(); // that invites of this import keep: a dry run does not find them in the store
      const readRow = ({ token, wanted, source, created_at }: OlderInvite) =>
        faultOf(token) ?? newRow({ ...wanted, host, token, source, now: created_at }, vault);
      return async (invites) => {
        const rows = invites.map(readRow);
        if (dryRun) return await judge(database.db, host, rows, names, clock());
        return await database.write(async (db) => {
          const judged = await judge(db, host, rows, names, clock());
          const isNew = (row: NewInviteRow | string, i: number): row is NewInviteRow =>
            typeof row !== "string" && judged[i] === "imported";
          await insertInvites(db, rows.filter(isNew));
          return judged;
        });
      };
    },
  };
}

/** By what is in the store, and by those before it in the same import, whose usernames are added to `names`. */
async function judge(
  db: Db,
  host: string,
  rows: readonly (NewInviteRow | string)[],
  names: Set<string>,
  now: number,
): Promise<AdoptedInvite[]> {
  const good = rows.filter((row) => typeof row !== "string");
  const found = await findInvitesAnywhere(db, good.map(({ token_key }) => token_key));
  const known = new Map(found.map((one) => [one.token_key, one]));
  const wanted = good.flatMap((row) => row.type === "account" ? row.username ?? [] : []);
  const reserved = wanted.length === 0 ? names : await listReserved(db, host, wanted, now);
  return rows.map((row) => {
    if (typeof row === "string") return { reason: row };
    const same = known.get(row.token_key);
    if (same) {
      const isSame = same.host === host && same.type === row.type && same.username === row.username;
      return isSame ? "there" : { reason: "Its token belongs to another invite here." };
    }
    if (row.type === "account" && row.username !== null) {
      if (names.has(row.username) || reserved.has(row.username)) {
        return { reason: `The username ${row.username} is kept for somebody who has another invite.` };
      }
      names.add(row.username);
    }
    known.set(row.token_key, row);
    return "imported";
  });
}

/** Why this token is not taken. */
function faultOf(token: string): string | undefined {
  try {
    checkToken(token);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}
