import { DatabaseSync } from "node:sqlite";
import type { LuaTable, LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import type { Stored } from "./data_folder.ts";

const atOnce = 64; // users read by one statement, so that Prosody may write in between
const patience = 5_000; // ms to wait while Prosody writes

/**
 * All that the users of a host have in a store of Prosody's `sql` storage on SQLite, by user; the host's own is that
 * of `""`. What cannot be read is told, and the rest goes on.
 * @param onDamaged is told of each value that cannot be read, whose user's others are read all the same; without it
 * nothing of that user's is
 * @throws Error if the file is not there, or is not Prosody's database
 */
export async function* readSqlStore(
  file: string,
  host: string,
  store: string,
  onDamaged?: OnDamaged,
): AsyncGenerator<Stored> {
  using database = openSql(file);
  const [findLast, select] = [database.prepare(lastOfPage), database.prepare(page)];
  // As bytes: a name that is no UTF-8 would come back as another one, and be found again and again.
  for (let from = new Uint8Array();;) {
    const last = findLast.get({ host, store, from, atOnce })?.last as Uint8Array | null | undefined;
    if (!last) return;
    const rows = select.all({ host, store, from, last }) as unknown as Row[];
    for (let i = 0; i < rows.length;) {
      const start = i;
      const { user } = rows[start] as Row;
      while (rows[i]?.user === user) i++;
      yield gather(user, rows.slice(start, i), onDamaged);
    }
    from = new Uint8Array([...last, 0]); // SQLite's order is that of bytes: nothing fits in between
  }
}

export type OnDamaged = (username: string, key: string, error: Error) => void;

/** The hosts that have something in one of these stores, in the order of their names. @throws Error as it does */
export function listSqlHosts(file: string, stores: readonly string[]): string[] {
  using database = openSql(file);
  const [next, has] = [database.prepare(nextHost), database.prepare(hasStore)];
  const found: string[] = [];
  for (let host = new Uint8Array();;) { // as bytes: as above
    const following = next.get({ host })?.host as Uint8Array | null;
    if (following === null) return found;
    host = new Uint8Array(following);
    const name = new TextDecoder().decode(host);
    if (stores.some((store) => has.get({ host: name, store }) !== undefined)) found.push(name);
  }
}

/** How many {@linkcode readSqlStore} would yield. @throws Error as it does */
export function countSqlStore(file: string, host: string, store: string): number {
  using database = openSql(file);
  return Number(database.prepare(count).get({ host, store })?.users);
}

const openSql = (file: string) => new DatabaseSync(file, { readOnly: true, timeout: patience });

interface Row {
  readonly user: string;
  readonly key: string;
  readonly type: string;
  readonly value: string;
}

const ofStore = `from "prosody" where "host" = :host and "store" = :store`;
const count = `select count(distinct "user") as "users" ${ofStore}`;
const nextHost =
  `select cast(min("host") as blob) as "host" from "prosody" where "host" > cast(:host as text)`;
const hasStore = `select 1 ${ofStore} limit 1`;
const fromHere = `${ofStore} and "user" >= cast(:from as text)`;
const lastOfPage = `select cast(max("user") as blob) as "last" from
  (select distinct "user" ${fromHere} order by "user" limit :atOnce)`;
const page =
  `select "user", "key", "type", "value" ${fromHere} and "user" <= cast(:last as text) order by "user"`;

/** The rows of a user: one a key of text; those under other keys are together in the row without a key. */
function gather(username: string, rows: Row[], onDamaged?: OnDamaged): Stored {
  const value: LuaTable = new Map();
  if (username.includes("\ufffd")) {
    return { username, error: new Problem("invalid", "Prosody has no user of such a name.") };
  }
  let size = 0;
  for (const { key, type, value: text } of rows) {
    size += String(text).length;
    let member: LuaValue;
    try {
      member = readValue(type, text);
    } catch {
      const detail = `A value of the type ${JSON.stringify(String(type).slice(0, 20))} cannot be read.`;
      const error = new Problem("invalid", detail);
      if (!onDamaged) return { username, error };
      onDamaged(username, String(key), error);
      continue;
    }
    if (key !== "") value.set(key, member);
    else if (member instanceof Map) { for (const [other, inner] of member) value.set(other, inner); }
  }
  return { username, value, size };
}

function readValue(type: string, text: string): LuaValue {
  if (typeof text !== "string") throw new TypeError("no text");
  if (type === "string") return text;
  if (type === "json") return fromJson(JSON.parse(text));
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (type === "number" && /\d/.test(text) && Number.isFinite(Number(text))) return Number(text);
  throw new TypeError("not known");
}

/**
 * Prosody's own way to say in JSON what a Lua table is: `__array` for its list, `__hash` for keys that are no text.
 * Unlike core's, it has no word for an empty list, none is reserved, and `null` is nil.
 */
function fromJson(json: unknown): LuaValue {
  if (json === null) return undefined;
  if (typeof json !== "object") return json as string | number | boolean;
  const table: LuaTable = new Map();
  const { __array = [], __hash = [], ...members } = (Array.isArray(json) ? { __array: json } : json) as {
    __array?: unknown[];
    __hash?: unknown[];
  };
  const set = (key: unknown, member: unknown) => {
    if (!["string", "number", "boolean"].includes(typeof key)) throw new TypeError("no key");
    const value = fromJson(member);
    if (value !== undefined) table.set(key as string | number | boolean, value);
  };
  if (!Array.isArray(__array) || !Array.isArray(__hash)) throw new TypeError("no list");
  __array.forEach((member, i) => set(i + 1, member));
  for (const key in members) set(key, members[key as keyof typeof members]);
  for (let i = 0; i + 1 < __hash.length; i += 2) set(__hash[i], __hash[i + 1]);
  return table;
}
