import { Problem } from "../core/problem.ts";
import type { LuaTable, LuaValue } from "../core/lua_value.ts";

const mark = "[redacted]";
const secret = /pass|pw|otp|seed|key|salt|secret|token|hash|credential/i;

/** The value without what could be used to log in or be found from. */
export function redact(value: LuaValue): LuaValue {
  if (!(value instanceof Map)) return value;
  const table: LuaTable = new Map();
  for (const [key, member] of value) {
    table.set(key, typeof key === "string" && secret.test(key) ? mark : redact(member));
  }
  return table;
}

/** @throws Problem `invalid` if it was read redacted: what is hidden would be lost */
export function requireWhole(value: LuaValue): void {
  if (value === mark) {
    throw new Problem("invalid", `This holds "${mark}": what was hidden when you read it would be lost.`);
  }
  if (value instanceof Map) { for (const member of value.values()) requireWhole(member); }
}
