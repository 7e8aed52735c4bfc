import { fromJson } from "../core/lua_json.ts";
import type { LuaTable, LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import type { Document } from "./document.ts";
import { jsonPatch, mergePatch } from "./patches.ts";

/** What comes after what there is now. @throws Problem if nothing can */
export type Change = (now: Document | undefined) => LuaValue;

/** What a JSON document says that is to be kept; `null` as the whole of it: nothing. */
export function documentFrom(bytes: Uint8Array): LuaValue {
  const value = fromJson(bytes);
  return value instanceof Map && value.size === 1 && value.get("__null") === true ? undefined : value;
}

/** One more item at the end of a list, which begins with it. */
export const appending = (item: LuaValue): Change => (now) => {
  if (item === undefined) throw new Problem("invalid", "null cannot be appended.");
  const list: LuaTable = new Map(now?.value as LuaTable ?? []);
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

/** What a patch makes of the value's JSON. @throws Problem `invalid` if it is no patch of that type */
export function changeBy(type: typeof patchTypes[number], patch: unknown): Change {
  const apply = type === "application/merge-patch+json" ? mergePatch(patch) : jsonPatch(patch);
  return (now) => {
    if (!now && type === "application/json-patch+json") {
      throw new Problem("not-found", "There is nothing that the patch could change.");
    }
    if (now && digits.test(now.json)) {
      throw new Problem("conflict", "There are integers here that a patch would round. PUT the whole.");
    }
    const text = JSON.stringify(apply(now ? JSON.parse(now.json) : undefined)) ?? "null";
    if (text.length > longest) throw new Problem("too-large", "The patch makes too much of this.");
    return documentFrom(new TextEncoder().encode(text));
  };
}

const longest = 1_000_000; // characters
const digits = /[:,[]-?[0-9]{16}/;
