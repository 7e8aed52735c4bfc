import type { Clock } from "../core/clock.ts";
import { isKeyId, isOlderSecret, sameText, sha256 } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import { findKeyAnywhere, insertKey, type KeyRow } from "./store.ts";

/** A key that mod_invites_api made, with its secret. Times are milliseconds since 1970. */
export interface OlderKey {
  readonly id: string;
  readonly secret: string;
  readonly name?: string | undefined;
  readonly created_at?: number | undefined;
}

/** What became of one of them; else why it could not be taken in, or, if it is `kept`, why it is not as it was. */
export type AdoptedKey = "imported" | "there" | { readonly reason: string; readonly kept?: true };

/** Takes in keys that were made elsewhere, so that `ID/SECRET` as scripts hold it goes on working. */
export interface KeyAdoption {
  /**
   * Keeps the secret's hash and no more. A key with this ID that is here already stays as it is.
   * @param dryRun checks, and changes nothing
   * @throws Problem `unknown-host`, `store-unavailable`
   */
  adopt(host: string, key: OlderKey, options?: { dryRun?: boolean }): Promise<AdoptedKey>;
}

export function createKeyAdoption(
  { database, hosts, clock }: { database: Database; hosts: Hosts; clock: Clock },
): KeyAdoption {
  return {
    async adopt(hostName, { id, secret, name, created_at }, { dryRun = false } = {}) {
      const host = hosts.byDomain(hostName).domain;
      if (!isKeyId(id)) return { reason: "A key's ID has 8 to 12 letters, digits, '-' or '_'." };
      if (!isOlderSecret(secret)) {
        return {
          reason: "Its secret is none that mod_invites_api makes, and may be easy to guess. Make a new key.",
        };
      }
      const row: KeyRow = {
        ...{ id, host, name: cleaned(name), secret_hash: sha256(secret) },
        scopes: JSON.stringify(["invites:create"]),
        limits: JSON.stringify({ roles: [], groups: [] }),
        created_at: Math.min(created_at ?? Infinity, clock()),
        ...{ expires_at: null, last_used_at: null },
      };
      if (dryRun) return judge(row, await findKeyAnywhere(database.db, id)) ?? "imported";
      return await database.write(async (db) => {
        const known = judge(row, await findKeyAnywhere(db, id));
        if (known === undefined) await insertKey(db, row);
        return known ?? "imported";
      });
    },
  };
}

function judge(row: KeyRow, known: KeyRow | undefined): AdoptedKey | undefined {
  if (!known) return undefined;
  if (known.host !== row.host) {
    return { reason: `${known.host} has a key with this ID. Make a new one for ${row.host}.` };
  }
  return sameText(known.secret_hash, row.secret_hash)
    ? "there"
    : { reason: "This key has another secret here, which stays: it was rotated.", kept: true };
}

/** A name as keys have them here: mod_invites_api took any text. */
function cleaned(name: string | undefined): string | null {
  const text = name?.toWellFormed().replace(/\p{Cc}+/gu, " ").trim();
  return text === undefined || text === "" ? null : text.slice(0, 200).toWellFormed();
}
