import type { LuaValue } from "../core/lua_value.ts";
import type { Incoming } from "../rosters/transfer.ts";

/** What can be brought in, in the order in which it is. */
export const kinds = ["keys", "rosters", "groups", "invites"] as const;
export type Kind = typeof kinds[number];

/** What one user has in a store of Prosody's, or why it cannot be read; the host's own is that of `""`. */
export type StoredEntry =
  | { readonly username: string; readonly value: LuaValue }
  | { readonly username: string; readonly error: Error };

/** Where it comes from: Prosody's data folder, or its database. */
export interface Source {
  /** @param onDamaged is told of single values that cannot be read, whose others are read all the same */
  read(
    host: string,
    store: string,
    onDamaged: (username: string, key: string, error: Error) => void,
  ): AsyncIterable<StoredEntry>;
  rosters(host: string): AsyncIterable<Incoming>;
}

/** How many of a kind a host has there, and what has become of them. */
export interface Count {
  found: number;
  imported: number;
  /** They stay as they are here. */
  there_already: number;
  /** They are over, and nobody misses them. */
  expired: number;
  /** Each is told of. */
  failed: number;
  /** Of the rosters imported. */
  contacts?: number;
  /** Who is new in a group. */
  members?: number;
}

/** What could not be brought in, or not all of it. */
export interface Trouble {
  /** A key's or invite's ID, a username, a group; nothing where all of a store is meant. */
  readonly what?: string | undefined;
  readonly reason: string;
}

export interface ImportOptions {
  /** Reads, checks and counts, and changes nothing. */
  readonly dryRun?: boolean;
  readonly onTrouble?: (trouble: Trouble) => void;
  readonly onProgress?: (count: Readonly<Count>) => void;
}

/** One kind's import: brings in what a host has. */
export type ImportKind = (host: string, source: Source, tally: Tally) => Promise<void>;

/** Counts, and tells whoever asked. */
export interface Tally {
  readonly count: Count;
  readonly dryRun: boolean;
  /** Something that was found was not brought in. */
  fail(what: string | undefined, reason: string): void;
  /** Something is not as it was there, and in all the same. */
  tell(what: string | undefined, reason: string): void;
  /** Now and then. */
  progress(): void;
}

export function createTally({ dryRun = false, onTrouble, onProgress }: ImportOptions): Tally {
  const count: Count = { found: 0, imported: 0, there_already: 0, expired: 0, failed: 0 };
  const tell = (what: string | undefined, reason: string) =>
    onTrouble?.({ ...(what !== undefined && { what: what.slice(0, 200) }), reason });
  return {
    count,
    dryRun,
    tell,
    fail(what, reason) {
      count.failed++;
      tell(what, reason);
    },
    progress: () => onProgress?.(count),
  };
}
