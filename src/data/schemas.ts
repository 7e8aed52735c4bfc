import { fieldsOf, luaEqual, type LuaKey, type LuaTable, type LuaValue } from "../core/lua_value.ts";
import { parseBareJid } from "../core/jid.ts";
import { type Fault, Problem } from "../core/problem.ts";

type Check = (value: LuaTable, at: string, now: LuaValue) => Generator<Fault>;

/**
 * What Prosody's modules expect of the stores that are theirs: something else would fail when a client asks for it,
 * long after whoever wrote it has gone. What a client has put there, right or wrong, may stay.
 * @param now what it takes the place of
 * @throws Problem `invalid` with the place of each fault, the first twenty
 */
export function checkSchema(store: string, value: LuaTable, now?: LuaValue): void {
  const check = Object.hasOwn(schemas, store) ? schemas[store] : undefined;
  const faults = check ? check(value, "", now).take(20).toArray() : [];
  if (faults.length > 0) {
    throw new Problem("invalid", `This is not what Prosody keeps in the store ${store}.`, faults);
  }
}

const schemas: Record<string, Check> = {
  vcard: (value, at) => element(value, at, { name: "vCard", xmlns: "vcard-temp" }),
  private: privateXml,
};

/** XEP-0049: `NAME:NAMESPACE` → the element, as mod_private keeps it. */
function* privateXml(value: LuaTable, _: string, now: LuaValue): Generator<Fault> {
  for (const [key, one] of value) {
    const old = now instanceof Map ? now.get(key) : undefined;
    if (old !== undefined && luaEqual(one, old)) continue;
    const at = memberAt(value, "", key);
    const cut = typeof key === "string" ? key.indexOf(":") : -1;
    if (typeof key !== "string" || cut < 1) {
      yield { at, reason: "A name here is NAME:NAMESPACE, such as storage:storage:bookmarks." };
    } else if (!(one instanceof Map)) {
      yield { at, reason: "This must be an element: name, attr, and what is in it." };
    } else {
      yield* element(one, at, { name: key.slice(0, cut), xmlns: key.slice(cut + 1) });
      if (key === "storage:storage:bookmarks") yield* bookmarks(one, at, old);
    }
  }
}

/** XEP-0048: rooms and addresses. */
function* bookmarks(storage: LuaTable, at: string, now: LuaValue): Generator<Fault> {
  const children = childrenAt(storage, at);
  const isOld = (child: LuaTable) => now instanceof Map && now.values().some((old) => luaEqual(old, child));
  for (const [key, child] of storage) {
    if (typeof key !== "number" || !(child instanceof Map)) continue;
    const attr = child.get("attr");
    const of = (name: string) => attr instanceof Map ? attr.get(name) : undefined;
    const jid = of("jid");
    const here = `${children}/${key - 1}`;
    if (child.get("name") === "conference") {
      const isRoom = typeof jid === "string" && parseBareJid(jid)?.local !== undefined;
      if (!isRoom && !isOld(child)) {
        yield { at: `${here}/attr/jid`, reason: "A conference needs the JID of a room, such as room@host." };
      }
    } else if (child.get("name") !== "url" && !isOld(child)) {
      yield { at: `${here}/name`, reason: "Bookmarks hold conference and url elements alone (XEP-0048)." };
    }
  }
}

// XML 1.0, 2.3 and 2.2.
const xmlName = /^[\p{L}_][\p{L}\p{N}\p{M}_.:\-·]*$/u;
// deno-lint-ignore no-control-regex
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const deepest = 50;

/** An element as Prosody keeps it: `{name, attr, child, child, …}`, a child being an element or text. */
function* element(
  value: LuaTable,
  at: string,
  wanted?: { name: string; xmlns: string },
  depth = 1,
): Generator<Fault> {
  if (depth > deepest) return yield { at, reason: `Elements may be ${deepest} levels deep at most.` };
  const [name, attr] = [value.get("name"), value.get("attr")];
  if (typeof name !== "string" || !xmlName.test(name)) {
    yield { at: `${at}/name`, reason: "An element needs a name." };
  } else if (wanted && name !== wanted.name) {
    yield { at: `${at}/name`, reason: `This must be "${wanted.name}".` };
  }
  if (!(attr instanceof Map)) yield { at: `${at}/attr`, reason: "An element needs attr, if only {}." };
  else yield* attributes(attr, `${at}/attr`, wanted?.xmlns);
  const { list, others } = fieldsOf(value);
  const children = childrenAt(value, at);
  for (const [i, child] of list.entries()) {
    const here = `${children}/${i}`;
    if (child instanceof Map) yield* element(child, here, undefined, depth + 1);
    else if (typeof child !== "string" || notXml.test(child)) {
      yield { at: here, reason: "What is in an element is a list of elements and texts." };
    }
  }
  for (const [key] of others) {
    if (key === "name" || key === "attr") continue;
    yield {
      at: memberAt(value, at, key),
      reason: "An element has a name, attr, and a list of what is in it.",
    };
  }
}

/** Where the value of a key stands in the table's JSON: see `toJson`. */
const memberAt = (value: LuaTable, at: string, key: LuaKey): string =>
  typeof key === "string"
    ? `${at}/${pointer(key)}`
    : fieldsOf(value).others.some(([other]) => other === key)
    ? `${at}/__hash`
    : `${childrenAt(value, at)}/${Number(key) - 1}`;

/** Where the list of a table stands in its JSON. */
const childrenAt = (value: LuaTable, at: string): string =>
  value.keys().every((key) => typeof key === "number") ? at : `${at}/__array`;

function* attributes(attr: LuaTable, at: string, xmlns: string | undefined): Generator<Fault> {
  if (xmlns !== undefined && attr.get("xmlns") !== xmlns) {
    yield { at: `${at}/xmlns`, reason: `This must be "${xmlns}".` };
  }
  for (const [name, value] of attr) {
    // Prosody writes NAMESPACE\1NAME for an attribute with a prefix.
    const local = typeof name === "string" ? name.slice(name.indexOf("\u0001") + 1) : "";
    if (!xmlName.test(local)) yield { at, reason: "An attribute needs a name." };
    else if (typeof value !== "string" || notXml.test(value)) {
      yield { at: `${at}/${pointer(local)}`, reason: "An attribute is text." };
    }
  }
}

/** As a JSON pointer has it (RFC 6901, 3). */
const pointer = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");
