import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import type { Vault } from "../core/token.ts";
import { inPieces } from "../core/turn.ts";
import type { Database } from "../store/database.ts";
import type { Asker } from "./asker.ts";
import type { Document, Documents } from "./document.ts";
import type { Place, Right } from "./rights.ts";
import {
  deleteVersion,
  deleteVersionsBefore,
  deleteVersionsOf,
  insertVersion,
  listVersions,
} from "./version_store.ts";

/** One version that was replaced. */
export interface Version {
  readonly id: number;
  /** When, ms since 1970, and by whom. */
  readonly replaced_at: number;
  readonly replaced_by: string;
  /** Characters, as Prosody writes it; 0: there was nothing. */
  readonly size: number;
}

/** The last few versions of what was replaced through Couplet; what clients change is not among them. */
export interface Versions {
  /** The newest first. @throws Problem if the asker may not read it */
  list(asker: Asker, place: Place): Promise<Version[]>;
  /**
   * What was there, to be read or to be put back; `undefined`: nothing. The newest if no id is given.
   * @throws Problem `not-found`
   */
  get(asker: Asker, place: Place, way: "read" | "write", id?: number): Promise<Document | undefined>;
  /** Keeps what is about to be replaced. */
  keep(asker: Asker, place: Place, now: Document | undefined): Promise<number>;
  /** It was not replaced. */
  drop(id: number): Promise<void>;
  /** Of an account that is gone. */
  purge(host: string, user: string): Promise<void>;
  /** Deletes the old ones. */
  sweep(): Promise<void>;
}

export interface VersionNeeds {
  readonly database: Database;
  readonly documents: Documents;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly permit: (asker: Asker, place: Place, way: "read" | "write") => Promise<Right>;
}

const most = 5; // of one place
const lifetime = 30 * 86_400_000; // ms

export function createVersions(
  { database, documents, vault, clock, permit }: VersionNeeds,
): Versions {
  const context = (host: string, { user, store }: Place) => `data:${host}/${user}/${store}`;

  return {
    async list(asker, place) {
      await permit(asker, place, "read");
      const rows = await listVersions(database.db, asker.host, place, most);
      return rows.map(({ id, created_at, source, size }) => ({
        ...{ id, replaced_at: created_at, replaced_by: source, size },
      }));
    },

    async get(asker, place, way, wanted) {
      const { redacted } = await permit(asker, place, way);
      const rows = await listVersions(database.db, asker.host, place, most);
      const row = wanted === undefined ? rows[0] : rows.find(({ id }) => id === wanted);
      if (!row) {
        throw new Problem(
          "not-found",
          wanted === undefined
            ? "Nothing was replaced here through Couplet in the last thirty days."
            : "There is no such version; only the last few are kept.",
        );
      }
      if (row.sealed === null) return undefined;
      const text = vault.open(row.sealed, context(asker.host, place));
      return documents.of(text, false, way === "read" && redacted);
    },

    async keep({ host, source }, place, now) {
      const sealed = now ? vault.seal(now.text, context(host, place)) : null;
      const row = { sealed, size: now?.text.length ?? 0, source, created_at: clock() };
      return await database.write((db) => insertVersion(db, host, place, row, most));
    },

    drop: (id) => database.write((db) => deleteVersion(db, id)),
    purge: (host, user) => database.write((db) => deleteVersionsOf(db, host, user)),

    async sweep() {
      const before = clock() - lifetime;
      await inPieces(async () => await database.write((db) => deleteVersionsBefore(db, before, 100)) === 100);
    },
  };
}
