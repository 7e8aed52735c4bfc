import { type Element, parseStanza, serialiseStanza, xml } from "../channel/stanza.ts";
import { fieldsOf, type LuaKey, type LuaTable, type LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import { writeStore } from "./data_folder.ts";
import { readSource, type Stored } from "./source.ts";

export { countUsers } from "./source.ts";

/** One contact, in RFC 6121's words. */
export interface StoredContact {
  readonly name?: string;
  readonly subscription: string;
  /** `subscribe` while the contact has not answered. */
  readonly ask?: string;
  /** Whether a request of the contact will be granted unasked (RFC 6121, 3.4). */
  readonly approved: boolean;
  readonly groups: string[];
}

/** A roster as Prosody keeps it. */
export interface StoredRoster {
  /** Counts changes; 0 where nothing is kept. */
  readonly version: number;
  /** By JID, as it is stored. */
  readonly items: Map<string, StoredContact>;
  /** Who asked to subscribe and waits, by JID: the request as XML, or `true` where Prosody kept no stanza. */
  readonly pending: Map<string, true | string>;
}

/** One user's roster, or why it cannot be read. */
export type RosterEntry =
  | { readonly username: string; readonly roster: StoredRoster; readonly size: number }
  | { readonly username: string; readonly error: Error };

const longest = 1 << 18; // characters of one text: Prosody takes no stanza of more bytes from a client
const deepest = 64; // elements in elements, as parseStanza has it

/**
 * The rosters of a host's users from Prosody's data folder, or its database on SQLite.
 * @throws Error if `source` is neither
 */
export async function* readRosters(source: string, host: string): AsyncGenerator<RosterEntry> {
  for await (const stored of readSource(source, host, "roster")) {
    if (stored.username !== "") yield rosterOf(stored);
  }
}

/**
 * Writes a roster into Prosody's data folder, in place of what is there. A Prosody that runs may hold the old one.
 * A pending request that is no well-formed XML is written as one without a text.
 */
export async function writeRoster(
  dir: string,
  host: string,
  username: string,
  { version, items, pending }: StoredRoster,
): Promise<void> {
  const requests: LuaTable = new Map();
  for (const [jid, request] of pending) {
    requests.set(jid, request === true || requestTable(request));
  }
  const about: LuaTable = new Map<LuaKey, LuaValue>([["version", version], ["pending", requests]]);
  const table: LuaTable = new Map([[false, about]]);
  for (const [jid, { name, subscription, ask, approved, groups }] of items) {
    table.set(
      jid,
      new Map<LuaKey, LuaValue>([
        ["subscription", subscription],
        ["name", name],
        ["ask", ask],
        ["approved", approved ? "true" : undefined],
        ["groups", new Map<LuaKey, LuaValue>(groups.map((group) => [group, true]))],
      ]),
    );
  }
  await writeStore(dir, host, "roster", username, table);
}

function rosterOf(stored: Stored): RosterEntry {
  if ("error" in stored) return stored;
  const { username, size } = stored;
  try {
    return { username, roster: readRoster(stored.value), size };
  } catch (error) {
    return { username, error: error as Error };
  }
}

function readRoster(stored: LuaValue): StoredRoster {
  const table = tableOf(stored);
  const about = tableOf(table.get(false));
  const version = about.get("version");
  const legacy = table.get("pending"); // beside the contacts, unless it is a contact itself
  const isLegacy = legacy instanceof Map && typeof legacy.get("subscription") !== "string";
  const pending: StoredRoster["pending"] = new Map();
  for (const [jid, request] of tableOf(isLegacy ? legacy : about.get("pending"))) {
    if (request === false) continue;
    pending.set(textOf(jid), request instanceof Map ? requestText(request) : true);
  }
  const items: StoredRoster["items"] = new Map();
  for (const [jid, item] of table) {
    if (jid !== false && !(isLegacy && jid === "pending")) items.set(textOf(jid), contactOf(item));
  }
  // Prosody keeps the version `true` for rosters that a module makes up.
  const counted = typeof version === "number" || typeof version === "bigint";
  return { version: counted ? Number(version) : 0, items, pending };
}

/** A stranger has written it: one that cannot be told again must not take the contacts with it. */
function requestText(request: LuaTable): string | true {
  try {
    return serialiseStanza(deserialize(request, 1));
  } catch {
    return true;
  }
}

function requestTable(request: string): LuaValue {
  try {
    return preserialize(parseStanza(request));
  } catch {
    return true;
  }
}

function contactOf(item: LuaValue): StoredContact {
  if (!(item instanceof Map)) throw wrong("A contact is no table.");
  const [name, ask, approved] = [item.get("name"), item.get("ask"), item.get("approved")];
  const groups: string[] = [];
  for (const [group, value] of tableOf(item.get("groups"))) {
    if (value !== false) groups.push(textOf(group));
  }
  return {
    ...(name !== undefined && { name: textOf(name) }),
    subscription: textOf(item.get("subscription") ?? "none"),
    ...(ask !== undefined && { ask: textOf(ask) }),
    approved: approved === "true" || approved === true,
    groups,
  };
}

/** An element from Prosody's way to keep it: `name`, `attr` and the children in a row. */
function deserialize(stored: LuaTable, depth: number): Element {
  if (depth > deepest) throw wrong(`A request has more than ${deepest} levels.`);
  const attrs: Record<string, string> = {};
  const prefixed: Record<string, string> = {};
  let prefixes = 0;
  for (const [key, value] of fieldsOf(tableOf(stored.get("attr"))).others) { // in any file the same order
    // Left over from Prosody's parser, and passed over by it too.
    if (typeof key !== "string" && !(key instanceof Uint8Array)) continue;
    const [, namespace = "", name = key] = namespaced.exec(textOf(key)) ?? [];
    if (namespace === "") attrs[nameOf(name)] = textOf(value);
    else {
      prefixed[`xmlns:ns${++prefixes}`] = namespace;
      prefixed[`ns${prefixes}:${nameOf(name)}`] = textOf(value);
    }
  }
  const element = xml(nameOf(stored.get("name")), { ...attrs, ...prefixed });
  for (let i = 1, child = stored.get(i); child !== undefined; child = stored.get(++i)) {
    if (child instanceof Map) element.append(deserialize(child, depth + 1));
    else element.t(textOf(child));
  }
  return element;
}

/** COMPAT(prosody): attributes of a namespace are its name, U+0001 or in older files a bar, and their own. */
// deno-lint-ignore no-control-regex
const namespaced = /^([^|\u0001]+)[|\u0001](.+)$/s;
const xmlName = /^(?:xml:)?[\p{L}_][\p{L}\p{M}\p{N}._-]*$/u;

/** The other way round. Prosody keeps a namespace as an attribute of its own, and no prefixes. */
function preserialize(element: Element): LuaTable {
  const attr: LuaTable = new Map();
  const namespace = element.name.includes(":") ? element.getNS() : element.attrs.xmlns;
  // On the stream itself nothing is said about the namespace that it has anyway.
  if (element.parent !== null || namespace !== "jabber:client") attr.set("xmlns", namespace);
  for (const [name, value] of Object.entries(element.attrs as Record<string, string>)) {
    const [prefix, local] = name.includes(":") ? name.split(":", 2) as [string, string] : ["", name];
    if (prefix === "xmlns" || name === "xmlns") continue;
    attr.set(prefix === "" || prefix === "xml" ? name : `${element.findNS(prefix)}\u0001${local}`, value);
  }
  const table: LuaTable = new Map<LuaKey, LuaValue>([["name", element.getName()], ["attr", attr]]);
  element.children.forEach((child, i) =>
    table.set(i + 1, typeof child === "string" ? child : preserialize(child))
  );
  return table;
}

const wrong = (detail: string) => new Problem("invalid", detail);

function tableOf(value: LuaValue): LuaTable {
  if (value === undefined) return new Map();
  if (!(value instanceof Map)) throw wrong("There is something else where a table should be.");
  return value;
}

function textOf(value: LuaValue): string {
  if (typeof value !== "string") throw wrong("There is something else where a text should be.");
  if (value.length > longest) throw wrong(`A text has more than ${longest} characters.`);
  return value;
}

function nameOf(value: LuaValue): string {
  const name = textOf(value);
  if (!xmlName.test(name)) throw wrong("A request holds a name that XML does not allow.");
  return name;
}
