import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import { migrate } from "./migrate.ts";
import type { Tables } from "./tables.ts";
import { createWriter, type Write } from "./writer.ts";

export type { Tables };
export type Db = Kysely<Tables>;

export interface Database {
  /** For reading: sees what is committed, never what is being written. */
  readonly db: Db;
  /** Runs one piece of writing and answers once it is on disk; see writer.ts. */
  readonly write: Write;
  /** A number that is another one once anybody has written; of what other processes have, at most 1 ms old. */
  version(): number;
  close(): Promise<void>;
}

/** A store that cannot be used as it is; the message says what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

const applicationId = 0x43706c74; // "Cplt": tells our files from others

/** Node's SQLite as Kysely wants it; statements are prepared once and kept (a few hundred texts at most). */
function connect(sqlite: DatabaseSync): Db {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (text: string): SqliteStatement => {
    const kept = statements.get(text);
    if (kept) return kept;
    const statement = sqlite.prepare(text);
    const made: SqliteStatement = {
      reader: statement.columns().length > 0,
      all: (values) => statement.all(...values as SQLInputValue[]),
      run: (values) => statement.run(...values as SQLInputValue[]),
      iterate: (values) => sqlite.prepare(text).iterate(...values as SQLInputValue[]),
    };
    if (statements.size >= 500) statements.clear();
    statements.set(text, made);
    return made;
  };
  return new Kysely<Tables>({
    dialect: new SqliteDialect({ database: { close: () => sqlite.close(), prepare } }),
  });
}

/** @param timeout how long SQLite may wait, and hold the event loop, for another process, ms */
async function open(path: string, cachePages: number, timeout: number): Promise<DatabaseSync> {
  const sqlite = new DatabaseSync(path, { timeout });
  const settings = `pragma foreign_keys = on; pragma synchronous = full; pragma cache_size = ${cachePages}`;
  try {
    await patiently(() => sqlite.exec(settings)); // reads the schema: not while another process makes or closes it
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/**
 * Opens the file, made and brought up to date as needed.
 * @throws StoreError if it is not ours, newer than this program, or cannot be written
 */
export async function openDatabase(path: string): Promise<Database> {
  let sqlite: DatabaseSync | undefined;
  try {
    sqlite = await open(path, -4_000, 0); // the writer waits for others itself, without holding us up
    const opened = sqlite;
    await patiently(() => checkOwner(opened, path));
    await patiently(() => sqlite?.exec("pragma journal_mode = wal"));
    await migrate(sqlite, path, connect, patiently);
    const writing = sqlite;
    const writingDb = connect(writing);
    const reading = await open(path, -4_000, 1_000); // held only while another process opens or closes the log
    const db = connect(reading);
    const { version, written } = versionOf(reading);
    const { write, drain } = createWriter(writing, writingDb, written);
    return {
      db,
      write,
      version,
      async close() {
        await drain();
        await Promise.all([db.destroy(), writingDb.destroy()]);
        for (const file of [reading, writing]) if (file.isOpen) file.close(); // Kysely closes only what it has used
      },
    };
  } catch (error) {
    sqlite?.close();
    throw explain(error, path);
  }
}

/** @returns the number, and what is to be called when this process has written */
function versionOf(sqlite: DatabaseSync): { version: () => number; written: () => void } {
  const statement = sqlite.prepare("pragma data_version");
  let known = 0;
  let asked = -Infinity;
  return {
    version() {
      const now = performance.now();
      if (now - asked > 1) {
        known = Number(statement.get()?.data_version);
        asked = now;
      }
      return known;
    },
    written: () => void (asked = -Infinity),
  };
}

function checkOwner(sqlite: DatabaseSync, path: string): void {
  const owner = Number(sqlite.prepare("pragma application_id").get()?.application_id);
  if (owner === applicationId) return;
  const tables = Number(sqlite.prepare("select count(*) as n from sqlite_schema").get()?.n);
  if (owner !== 0 || tables > 0) {
    throw new StoreError(`${path} is a database of another program. Point "store" at another file.`);
  }
  sqlite.exec(`pragma application_id = ${applicationId}`);
}

/** Tries again for five seconds while another process holds the file. */
async function patiently<T>(work: () => T): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return work();
    } catch (error) {
      if (tries >= 500 || !isBusy(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Whether another process holds the file just now (SQLITE_BUSY and its kin). */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error &&
  (((error as { errcode?: number }).errcode ?? 0) % 256 === 5 || /database is locked/.test(error.message));

function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const said = error.message;
  if (/not a database|malformed/.test(said)) {
    return new StoreError(
      `${path} is not a database, or damaged (${said}). Restore a backup or move it away.`,
    );
  }
  if (/readonly|unable to open|Permission|permission/.test(said)) {
    return new StoreError(
      `${path} cannot be opened for writing (${said}). Check the folder's owner and rights.`,
    );
  }
  if (isBusy(error)) {
    return new StoreError(`${path} is held by another process. Try again when it has finished.`);
  }
  return error;
}
