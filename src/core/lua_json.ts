import { type JsonLimits, parseSmallJson, usualLimits } from "./json.ts";
import * as lua from "./lua_value.ts";
import type { LuaTable, LuaValue } from "./lua_value.ts";
import { Problem } from "./problem.ts";

const deepest = 64; // tables within each other

/** Names of members that say what JSON has no word for; as keys of a table they stand in `__hash`. */
const reserved = new Set(["__null", "__list", "__bytes", "__number", "__array", "__hash"]);

/**
 * A value as JSON, which {@linkcode fromJson} reads as the same value. A table is an array if its keys are 1 to n, an
 * object if they are strings, and else an object with its list in `__array` and other keys and values in `__hash`.
 * The tables `{ __null = true }` and `{ __list = true }` are `null` and an empty array; bytes, infinities and what is no
 * number have objects of one reserved name. Only as Lua compares is it the same: bytes that are UTF-8 come back as a
 * string, and a float that is an integer as one. Beyond its limits, and 1,000 keys that are numbers, it is not read.
 * @throws Problem `invalid` for what no JSON stands for: nil, the key NaN, an integer of more than 64 bits, a text that
 * is not well-formed, tables more than 64 levels deep
 */
export const toJson = (value: LuaValue): string => written(value, 0);

function written(value: LuaValue, depth: number): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "bigint") return numberText(value);
  if (typeof value === "boolean") return String(value);
  if (value instanceof Uint8Array) return `{"__bytes":"${value.toBase64()}"}`;
  if (value === undefined) throw new Problem("invalid", "JSON has no word for nil.");
  if (depth >= deepest) throw new Problem("invalid", `Nested more than ${deepest} levels deep.`);
  const { list, others } = lua.fieldsOf(value);
  if (list.length === 0 && others.length === 1 && others[0]![1] === true) {
    if (others[0]![0] === "__null") return "null";
    if (others[0]![0] === "__list") return "[]";
  }
  const array = list.length === 0 ? "" : `[${list.map((item) => written(item, depth + 1)).join(",")}]`;
  if (list.length > 0 && others.length === 0) return array;
  const members = list.length === 0 ? [] : [`"__array":${array}`];
  const hash: string[] = [];
  for (const [key, member] of others) {
    const text = written(member, depth + 1);
    if (typeof key === "string" && !reserved.has(key)) members.push(`${quoted(key)}:${text}`);
    else if (Number.isNaN(key)) throw new Problem("invalid", "What is no number cannot be a key.");
    else hash.push(written(key, depth), text);
  }
  if (hash.length > 0) members.push(`"__hash":[${hash.join(",")}]`);
  return `{${members.join(",")}}`;
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new Problem("invalid", "A text has a lone surrogate.");
  return JSON.stringify(text);
}

function numberText(value: number | bigint): string {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0" : String(value);
    if (!Number.isFinite(value)) return `{"__number":"${value > 0 ? "inf" : value < 0 ? "-inf" : "nan"}"}`;
    if (!Number.isInteger(value)) return String(value);
    return lua.fitsInt64(value) ? String(BigInt(value)) : value.toExponential();
  }
  if (!lua.fitsInt64(value)) throw new Problem("invalid", "An integer has 64 bits at most.");
  return String(value);
}

/**
 * The value that JSON stands for: see {@linkcode toJson}. It holds everybody up; for much, {@linkcode luaOfJson}.
 * @throws Problem `bad-request` if it is not JSON within the limits, and `invalid`, with the pointer, for what Lua
 * cannot keep: integers of more than 64 bits, numbers beyond all floats, lone surrogates, names that are reserved
 */
export const fromJson = (bytes: Uint8Array, limits: JsonLimits = usualLimits, what?: string): LuaValue =>
  luaOfJson(parseSmallJson(bytes, widened(limits), what), bytes, limits);

/** For who parses first: a table may take two levels of JSON, and bytes one more. */
export const widened = (limits: JsonLimits): JsonLimits => ({ ...limits, depth: 2 * limits.depth + 1 });

/** What {@linkcode fromJson} makes of what has been parsed; the bytes are looked at again for long integers. */
export function luaOfJson(
  parsed: unknown,
  bytes: Uint8Array,
  { depth }: Pick<JsonLimits, "depth"> = usualLimits,
): LuaValue {
  const { value, rounded } = convert(parsed, depth, false);
  return rounded ? convert(JSON.parse(utf8.decode(bytes), exact as Reviver), depth, true).value : value;
}

/** What JSON says, integers beyond 2 ** 53 as bigints; {@linkcode luaOfExact} takes them as they are. */
export const exactJson = (text: string): unknown =>
  /[0-9]{16}/.test(text) ? JSON.parse(text, exact as Reviver) : JSON.parse(text);

/** The value that such JSON stands for. @throws Problem `invalid` as {@linkcode fromJson} */
export const luaOfExact = (exact: unknown): LuaValue => convert(exact, usualLimits.depth, true).value;

const utf8 = new TextDecoder();
type Reviver = (name: string, value: unknown) => unknown;

/** Integers beyond 2 ** 53 as they are written; those beyond Lua's as no finite number. */
function exact(_name: string, value: unknown, { source = "" }: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || !/^-?[0-9]+$/.test(source)) return value;
  if (source.length > 20) return Infinity;
  return lua.fitsInt64(BigInt(source)) ? BigInt(source) : Infinity;
}

/** @param exactly whether no integer has been rounded, so that different ones became the same */
function convert(parsed: unknown, most: number, exactly: boolean): { value: LuaValue; rounded: boolean } {
  const keyOf = lua.createKeys();
  const path: (string | number)[] = [];
  let rounded = false;

  const fail = (reason: string, code: "invalid" | "bad-request" = "invalid") => {
    const at = path.map((step) => pointer(String(step))).join("");
    return new Problem(code, `${at || "The whole value"}: ${reason}.`, [{ at, reason }]);
  };
  const value = (json: unknown, depth: number): LuaValue => {
    if (typeof json === "string") return text(json);
    if (typeof json === "boolean" || typeof json === "bigint") return json;
    if (typeof json === "number") {
      if (!Number.isFinite(json)) throw fail("Lua keeps no number as large");
      rounded ||= !exactly && !Number.isSafeInteger(json) && Number.isInteger(json);
      return json;
    }
    const marked = json === null ? undefined : marker(json as Record<string, unknown>);
    if (marked !== undefined) return marked;
    if (depth >= most) throw fail(`nested more than ${most} levels deep`, "bad-request");
    if (json === null) return new Map([["__null", true]]);
    if (!Array.isArray(json)) return object(json as Record<string, unknown>, depth + 1);
    return json.length === 0 ? new Map([["__list", true]]) : list(json, new Map(), depth + 1);
  };
  const text = (json: string): string => {
    if (!json.isWellFormed()) throw fail("a lone surrogate is no character");
    return json;
  };
  const at = (step: string | number, json: unknown, depth: number): LuaValue => {
    path.push(step);
    const result = value(json, depth);
    path.pop();
    return result;
  };

  const list = (items: readonly unknown[], table: LuaTable, depth: number): LuaTable => {
    for (const [i, item] of items.entries()) table.set(i + 1, at(i, item, depth));
    return table;
  };
  const object = (members: Record<string, unknown>, depth: number): LuaTable => {
    const table: LuaTable = new Map();
    for (const name of Object.keys(members)) {
      path.push(name);
      const member = members[name];
      if (!reserved.has(name)) table.set(keyOf(text(name)) as string, value(member, depth));
      else if (name !== "__array" && name !== "__hash") throw fail("this name is reserved");
      else if (!Array.isArray(member)) throw fail("an array was expected");
      else if (name === "__array") list(member, table, depth);
      path.pop();
    }
    if (members.__hash !== undefined) hash(members.__hash as unknown[], table, depth);
    return table;
  };
  /** Keys and their values in turn. */
  const hash = (items: readonly unknown[], table: LuaTable, depth: number): void => {
    path.push("__hash");
    if (items.length % 2 === 1) throw fail("a key without a value");
    for (let i = 0; i < items.length; i += 2) {
      const key = keyOf(at(i, items[i], depth));
      path.push(i);
      if (key === undefined) throw fail("this cannot be a key");
      if (table.has(key) && !rounded) throw fail("its table has this key already");
      path.pop();
      table.set(key, at(i + 1, items[i + 1], depth));
    }
    path.pop();
  };

  /** What stands for bytes, or a number that JSON does not have. */
  const marker = (members: Record<string, unknown>): LuaValue => {
    const { __bytes: bytes, __number: number } = members;
    if ((bytes ?? number) === undefined || Object.keys(members).length > 1) return undefined;
    path.push(bytes === undefined ? "__number" : "__bytes");
    const result = bytes === undefined ? numbers.get(number) : bytesOf(bytes);
    if (result === undefined) {
      throw fail(bytes === undefined ? '"inf", "-inf" or "nan" was expected' : "this is no base64");
    }
    path.pop();
    return result;
  };

  const result = value(parsed, 0);
  return { value: result, rounded };
}

const numbers = new Map<unknown, number>([["inf", Infinity], ["-inf", -Infinity], ["nan", NaN]]);

function bytesOf(base64: unknown): string | Uint8Array | undefined {
  try {
    const bytes = Uint8Array.fromBase64(base64 as string, { lastChunkHandling: "strict" });
    return bytes.toBase64() === base64 ? lua.textOf(bytes) : undefined; // it skips blanks
  } catch {
    return undefined;
  }
}

/** A step of a JSON pointer (RFC 6901). */
const pointer = (name: string) =>
  "/" + name.slice(0, 200).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
