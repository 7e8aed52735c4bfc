import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { type Generated, Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import { migrate } from "./migrate.ts";
import { createWriter, type Write } from "./writer.ts";

/** Times are milliseconds since 1970, hashes SHA-256 in base64url. See migrations/ for the constraints. */
export interface Tables {
  api_key: {
    id: string;
    host: string;
    name: string | null;
    secret_hash: string;
    /** JSON array of scopes */
    scopes: string;
    /** JSON object, see Limits in core/actor.ts */
    limits: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
  invite: {
    id: Generated<number>;
    host: string;
    /** see tokenKey in core/token.ts */
    token_key: string;
    /** the token under the key outside of the database */
    token_sealed: string;
    type: "account" | "contact" | "reset";
    /** the one that an account or a reset is for, or the contact's own */
    username: string | null;
    /** whether a contact invite may also register an account: 0 or 1 */
    register: number;
    state: "pending" | "used" | "revoked";
    uses: number;
    /** null: without limit */
    max_uses: number | null;
    source: string;
    /** JSON: roles, groups, note, and what Prosody's modules put beside them */
    details: string;
    created_at: number;
    expires_at: number;
  };
  /** What an Idempotency-Key of a key's holder has made. */
  idempotency: {
    host: string;
    source: string;
    idempotency_key: string;
    request_hash: string;
    invite_id: number;
    created_at: number;
  };
  redemption: {
    id: Generated<number>;
    invite_id: number;
    host: string;
    /** bare JID of who redeems */
    jid: string;
    /** the attempt's own id, chosen by who asks */
    claim: string;
    /** null once the use is counted; until then the hold ends at this time */
    held_until: number | null;
    /** 1: makes an account of that JID; 0: resets its password, or adds it as a contact */
    registers: number;
    created_at: number;
  };
  roster: {
    id: Generated<number>;
    host: string;
    username: string;
    /** Grows with every change; equal versions mean equal rosters. */
    version: Generated<number>;
    /** JSON: JID of who asks for a subscription → `true`, or the stanza as XML */
    pending: Generated<string>;
    /** of the web app's last answer, where that decides */
    etag: string | null;
    /** when the web app was last heard */
    fetched_at: number | null;
  };
  roster_item: {
    roster_id: number;
    jid: string;
    name: string | null;
    subscription: "none" | "to" | "from" | "both";
    /** 1: we have asked for a subscription and wait (RFC 6121, 3.1.2) */
    ask: number;
    /** 1: a subscription is granted before it is asked for (RFC 6121, 3.4) */
    approved: number;
    /** JSON array */
    groups: string;
  };
  roster_push: {
    id: Generated<number>;
    host: string;
    username: string;
    /** JSON, see RosterPush in prosody/prosody.ts */
    change: string;
    created_at: number;
  };
  roster_untold: Omit<Tables["roster_push"], "change">;
  data_version: {
    id: Generated<number>;
    host: string;
    username: string;
    store: string;
    /** what was there, under the key outside of the database; null: nothing */
    sealed: string | null;
    /** of what was there, characters */
    size: number;
    /** who replaced it */
    source: string;
    created_at: number;
  };
}

export type Db = Kysely<Tables>;

export interface Database {
  /** For reading: sees what is committed, never what is being written. */
  readonly db: Db;
  /** Runs one piece of writing and answers once it is on disk; see writer.ts. */
  readonly write: Write;
  /** A number that is another one once anybody, in this process or not, has written; at most 1 ms old. */
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
    const { write, drain } = createWriter(writing, writingDb);
    return {
      db,
      write,
      version: versionOf(reading),
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

function versionOf(sqlite: DatabaseSync): () => number {
  const statement = sqlite.prepare("pragma data_version");
  let known = 0;
  let asked = -Infinity;
  return () => {
    const now = performance.now();
    if (now - asked > 1) {
      known = Number(statement.get()?.data_version);
      asked = now;
    }
    return known;
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
