import { Buffer, isUtf8 } from "node:buffer";
import { Problem } from "./problem.ts";

/** A Lua value as Prosody stores it; nil is `undefined`. Bytes are a string that is no UTF-8. */
export type LuaValue = LuaKey | LuaTable | undefined;

/**
 * What may be a key. An integer is a number as long as that is exact, and else a bigint, at most of 64 bits; a number
 * beyond may still be a value of its own: a float.
 */
export type LuaKey = string | Uint8Array | number | bigint | boolean;

/** A list has the keys 1, 2, 3 and so on. Keys are as {@linkcode createKeys} makes them; no value is as no key. */
export type LuaTable = Map<LuaKey, LuaValue>;

/** A table's list, the values of 1 to n, and its other fields in the one order in which they are always written. */
export interface LuaFields {
  readonly list: readonly LuaValue[];
  readonly others: readonly (readonly [LuaKey, LuaValue])[];
}

/** Numbers come first, then strings by their bytes, then booleans. */
export function fieldsOf(table: LuaTable): LuaFields {
  const list: LuaValue[] = [];
  for (let value; (value = table.get(list.length + 1)) !== undefined;) list.push(value);
  const others: [LuaKey, LuaValue][] = [];
  if (list.length < table.size) {
    for (const field of table) {
      const [key, value] = field;
      const listed = Number.isInteger(key) && (key as number) >= 1 && (key as number) <= list.length;
      if (value !== undefined && !listed) others.push(field);
    }
  }
  if (others.length > 1) others.sort(([a], [b]) => compareKeys(a, b));
  return { list, others };
}

/** Keys that are numbers, or look like one, in all of a text. */
export const mostNumbers = 1_000;

/**
 * For one reading: what a value is as a key, the same bytes being the same object. As in Lua, a float that is an
 * integer is that integer; `undefined` for what cannot be a key: nil, a table, and what is no number.
 * @throws Problem `bad-request` if more than so many are numbers: where a Map puts these is no secret, so they can
 * be chosen to be in each other's way, 25,000 for seconds. The places of a list need not be asked for.
 */
export function createKeys(most = mostNumbers): (value: LuaValue) => LuaKey | undefined {
  const known = new Map<string, Uint8Array>();
  let numbers = 0;
  return (value) => {
    if (typeof value === "string" ? hashedAsNumber.test(value) : isNumber(value)) {
      if (++numbers > most) throw new Problem("bad-request", `More than ${most} keys are numbers.`);
    }
    if (typeof value === "number") return numberKey(value);
    if (value instanceof Uint8Array) {
      const text = latin1(value);
      const same = known.get(text);
      if (same === undefined) known.set(text, value);
      return same ?? value;
    }
    return value instanceof Map ? undefined : value;
  };
}

const hashedAsNumber = /^[0-9]{1,16}$/;

function numberKey(value: number): number | bigint | undefined {
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return Number.isNaN(value) ? undefined : value;
  return fitsInt64(value) ? BigInt(value) : value;
}

/** An integer as small as can be. */
export const luaInteger = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** Whether an integer is one in Lua too, and not a float. */
export const fitsInt64 = (value: number | bigint): boolean => value >= -(2n ** 63n) && value < 2n ** 63n;

/** As Lua compares, but tables by what is in them; what is no number equals itself. */
export function luaEqual(a: LuaValue, b: LuaValue): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return a == b || (a !== a && b !== b); // 2 ** 60 is 2n ** 60n
  if (a instanceof Map) return b instanceof Map && sameFields(a, b);
  if (!isText(a) || !isText(b) || typeof a === typeof b && typeof a === "string") return false;
  return bytesOf(a).equals(bytesOf(b));
}

function sameFields(a: LuaTable, b: LuaTable): boolean {
  let [known, count]: [Map<string, LuaValue> | undefined, number] = [undefined, 0];
  for (const [key, value] of a) {
    if (value === undefined) continue;
    count++;
    let other = b.get(key);
    if (other === undefined && key instanceof Uint8Array) { // another object
      known ??= new Map(
        [...b].flatMap(([key, value]) => key instanceof Uint8Array ? [[latin1(key), value]] : []),
      );
      other = known.get(latin1(key));
    }
    if (!luaEqual(value, other)) return false;
  }
  for (const value of b.values()) if (value !== undefined) count--;
  return count === 0;
}

function compareKeys(a: LuaKey, b: LuaKey): number {
  const [kind, other] = [kindOf(a), kindOf(b)];
  if (kind !== other) return kind - other;
  if (isText(a) && isText(b) && (isOdd(a) || isOdd(b))) return Buffer.compare(bytesOf(a), bytesOf(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

const kindOf = (key: LuaKey): number => isNumber(key) ? 0 : isText(key) ? 1 : 2;
const isNumber = (value: LuaValue): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";
const isText = (value: LuaValue): value is string | Uint8Array =>
  typeof value === "string" || value instanceof Uint8Array;

/** Beyond U+D800 JavaScript's order is not that of the bytes. */
const isOdd = (text: string | Uint8Array): boolean => typeof text !== "string" || high.test(text);
const high = /[\ud800-\uffff]/;

/** The bytes of a text, which must be well-formed. */
export const bytesOf = (text: string | Uint8Array): Buffer =>
  typeof text === "string"
    ? Buffer.from(text, "utf8")
    : Buffer.from(text.buffer, text.byteOffset, text.byteLength);

/** Each byte as a character. */
export const latin1 = (text: string | Uint8Array): string => bytesOf(text).toString("latin1");

/** A string if the bytes are UTF-8; the others are copied, never a part of something larger. */
export const textOf = (bytes: Uint8Array): string | Uint8Array =>
  isUtf8(bytes) ? bytesOf(bytes).toString("utf8") : new Uint8Array(bytes);
