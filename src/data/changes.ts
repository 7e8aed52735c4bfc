import { parseJson, usualLimits } from "../core/json.ts";
import { exactJson, luaOfExact, luaOfJson, widened } from "../core/lua_json.ts";
import type { LuaTable, LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import type { Document } from "./document.ts";
import { jsonPatch, mergePatch } from "./patches.ts";

/** What comes after what there is now. @throws Problem if nothing can */
export type Change = (now: Document | undefined) => LuaValue;

/** What a JSON document says that is to be kept; `null` as the whole of it: nothing. */
export const documentFrom = async (bytes: Uint8Array, what?: string): Promise<LuaValue> =>
  wholeOf(luaOfJson(await parseJson(bytes, widened(usualLimits), what), bytes));

const wholeOf = (value: LuaValue): LuaValue => isMarked(value, "__null") ? undefined : value;

const isMarked = (value: LuaValue, mark: "__null" | "__list"): boolean =>
  value instanceof Map && value.size === 1 && value.get(mark) === true;

/** One more item at the end of a list, which begins with it. */
export const appending = (item: LuaValue): Change => (now) => {
  if (item === undefined || isMarked(item, "__null")) {
    throw new Problem("invalid", "null cannot be appended.");
  }
  const list: LuaTable = new Map(isMarked(now?.value, "__list") ? [] : now?.value as LuaTable ?? []);
  if (!isList(list)) {
    throw new Problem("conflict", "There is an object in this store; POST appends to lists.");
  }
  return list.set(list.size + 1, item);
};

const isList = (table: LuaTable): boolean => {
  for (let i = 1; i <= table.size; i++) if (!table.has(i)) return false;
  return true;
};

/** The types of patches that are understood. */
export const patchTypes = ["application/merge-patch+json", "application/json-patch+json"] as const;

/**
 * What a patch makes of the value's JSON, all of its numbers exact.
 * @param isBlind whoever sends it may not see all that is there, so nothing may be moved or asked about
 * @throws Problem `invalid` if it is no patch of that type
 */
export function changeBy(type: typeof patchTypes[number], patch: Uint8Array, isBlind: boolean): Change {
  const parsed = exactJson(new TextDecoder().decode(patch));
  const isMerge = type === "application/merge-patch+json";
  const apply = isMerge ? mergePatch(parsed) : jsonPatch(parsed, isBlind);
  return (now) => {
    if (!now && !isMerge) throw new Problem("not-found", "There is nothing that the patch could change.");
    return wholeOf(luaOfExact(apply(now && exactJson(now.json)) ?? null));
  };
}
