import { normaliseLocal } from "../core/jid.ts";
import type { LuaKey, LuaTable, LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import type { OlderInvite } from "../invites/adoption.ts";
import { contactMeant, meantBy } from "../invites/records.ts";
import { bareJid } from "../invites/invite.ts";
import type { OlderKey } from "../keys/adoption.ts";

const longestData = 10_000; // characters of JSON: Prosody gets it with every lookup
const deepestData = 16; // tables within each other

/** What stops an invite that is fine but over: its end has come. */
export const expired = Symbol("expired");

/**
 * An invite of the host's own store invite_token, under its token.
 * @param now ms since 1970
 * @throws Problem `invalid`, with a reason for people
 */
export function readInvite(
  host: string,
  token: LuaKey,
  value: LuaValue,
  now: number,
): OlderInvite | typeof expired {
  const record = tableOf(value);
  const type = record.get("type");
  if (type !== "register" && type !== "roster") {
    throw wrong("It is neither for an account nor for a contact.");
  }
  const told = record.get("token");
  if (told !== undefined && told !== token) throw wrong("It stands under another token than its own.");
  const data = record.get("additional_data");
  const { source, ...wanted } = meantBy(host, {
    token: textOf(token, "Its token"),
    type,
    jid: textOf(record.get("jid"), "Its JID"),
    created_at: 0,
    expires: secondsOf(record.get("expires"), "The time at which it ends"),
    allow_registration: record.get("allow_registration") !== false,
    reusable: record.get("reusable") === true,
    additional_data: data === undefined ? {} : dataOf(data),
  }, 0);
  const end = wanted.ttl; // counted from 1970
  if (end <= now) return expired;
  const created = record.get("created_at");
  const created_at = created === undefined
    ? now
    : Math.min(now, secondsOf(created, "The time at which it was made") * 1000);
  return { token: token as string, wanted: { ...wanted, ttl: end - created_at }, source, created_at };
}

/** A contact invite of a user's own store invite_token: a token, and until when it holds. @throws as readInvite */
export function readContactInvite(
  host: string,
  username: string,
  token: LuaKey,
  value: LuaValue,
  now: number,
): OlderInvite | typeof expired {
  if (normaliseLocal(username) !== username) throw wrong("Prosody spells no username like this.");
  const wanted = contactMeant(username, secondsOf(value, "The time at which it ends"), now);
  if (wanted.ttl <= 0) return expired;
  return { token: textOf(token, "Its token"), wanted, source: bareJid(username, host), created_at: now };
}

/** A key of the store invite_api_keys, under its ID. @throws Problem `invalid` */
export function readKey(id: LuaKey, value: LuaValue): OlderKey {
  const record = tableOf(value);
  const told = record.get("id");
  if (told !== undefined && told !== id) throw wrong("It stands under another ID than its own.");
  const methods = record.get("allowed_methods");
  if (methods instanceof Map && methods.get("GET") !== true) {
    throw wrong("It may not be used with GET there.");
  }
  const [name, created] = [record.get("name"), record.get("created_at")];
  return {
    id: textOf(id, "Its ID"),
    secret: textOf(record.get("token"), "Its secret"),
    name: typeof name === "string" ? name : undefined,
    created_at: created === undefined
      ? undefined
      : secondsOf(created, "The time at which it was made") * 1000,
  };
}

const wrong = (reason: string) => new Problem("invalid", reason);

export function tableOf(value: LuaValue): LuaTable {
  if (value instanceof Map) return value;
  throw wrong("There is something else where a table should be.");
}

export function textOf(value: LuaValue, what: string): string {
  if (typeof value === "string" && value.length <= 4096) return value;
  throw wrong(`${what} is no text, or too long.`);
}

function secondsOf(value: LuaValue, what: string): number {
  const seconds = typeof value === "bigint" ? Number(value) : value;
  if (typeof seconds === "number" && seconds >= 0) return Math.floor(seconds);
  throw wrong(`${what} is no time.`);
}

function dataOf(value: LuaValue): Record<string, unknown> {
  const data = plain(tableOf(value), 0);
  if (Array.isArray(data)) {
    if (data.length === 0) return {};
    throw wrong("What other modules have put beside it is a list.");
  }
  if (JSON.stringify(data).length > longestData) {
    throw wrong(`What other modules have put beside it has more than ${longestData} characters.`);
  }
  const { source, ...others } = data as Record<string, unknown>;
  return typeof source === "string" ? { ...others, source } : others;
}

/** As JSON has it, as far as an invite can keep it: lists, names and plain values. */
function plain(value: LuaValue, depth: number): unknown {
  const fail = () => wrong("What other modules have put beside it cannot be kept.");
  if (typeof value === "string") {
    if (value.isWellFormed()) return value;
    throw fail();
  }
  if (typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (!(value instanceof Map) || depth >= deepestData) throw fail();
  const items: unknown[] = [];
  for (let item; (item = value.get(items.length + 1)) !== undefined;) items.push(plain(item, depth + 1));
  if (items.length === value.size) return items; // an empty table too
  const members: [string, unknown][] = [];
  for (const [key, member] of value) {
    if (typeof key !== "string") throw fail();
    members.push([key, plain(member, depth + 1)]);
  }
  return Object.fromEntries(members);
}
