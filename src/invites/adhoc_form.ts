import type { Limits } from "../core/actor.ts";
import { parseDuration } from "../core/duration.ts";
import { normaliseLocal, parseBareJid } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { CommandKind } from "./adhoc.ts";
import type { InviteRequest } from "./request.ts";

/** The fields that commands ask for; the first two are XEP-0401's. */
export type FieldName =
  | "username"
  | "roster-subscription"
  | "ttl"
  | "max-uses"
  | "roles"
  | "groups"
  | "note"
  | "accountjid";

/** A field of a form (XEP-0004), without its words. */
export interface CommandField {
  readonly name: FieldName;
  readonly type: "text-single" | "text-multi" | "list-multi" | "boolean" | "jid-single";
  readonly required?: true;
  readonly options?: readonly string[];
}

/** A form as it came back. */
export interface FilledIn {
  readonly type?: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * What a command asks for; nothing: it needs no form (XEP-0401, 5.1).
 * @param limits of who asks
 * @param isOurs whether who asks has a roster here that a contact can be put into
 */
export function fieldsOf(kind: CommandKind, limits: Limits, isOurs: boolean): CommandField[] {
  if (kind === "contact") return [];
  if (kind === "reset") return [{ name: "accountjid", type: "jid-single", required: true }];
  const many = (name: "roles" | "groups"): CommandField[] => {
    const options = limits[name];
    if (!options) return [{ name, type: "text-multi" }];
    return options.length === 0 ? [] : [{ name, type: "list-multi", options }];
  };
  return [
    { name: "username", type: "text-single" },
    ...(isOurs ? [{ name: "roster-subscription", type: "boolean" } as const] : []),
    { name: "ttl", type: "text-single" },
    ...(limits.uses === 1 ? [] : [{ name: "max-uses", type: "text-single" } as const]),
    ...many("roles"),
    ...many("groups"),
    { name: "note", type: "text-single" },
  ];
}

/**
 * What was asked for by a form. A field that was not offered counts as well: whether it is allowed is looked at with
 * all the rest.
 * @param own the local part of who asks, if it is a user of this host
 * @param mayRegister whether a contact invite makes accounts too
 * @throws Problem `invalid`
 */
export function requestOf(
  kind: CommandKind,
  { filledIn: { values }, own, host, mayRegister }: {
    filledIn: FilledIn;
    own: string | undefined;
    host: string;
    mayRegister: boolean;
  },
): InviteRequest {
  if (kind === "contact") return { contact: own, register: mayRegister };
  const text = (name: FieldName) => values.get(name)?.[0]?.trim() || undefined;
  const list = (name: FieldName) => values.get(name)?.map((value) => value.trim()).filter((value) => value);
  if (kind === "reset") return { reset: accountOf(text("accountjid"), host) };
  const username = text("username");
  if (username !== undefined && normaliseLocal(username) === undefined) {
    throw invalid("username", "This cannot be a username. Give the part before the @.");
  }
  const rest = {
    ttl: readTtl(text("ttl")),
    max_uses: readUses(text("max-uses")),
    roles: list("roles"),
    groups: list("groups"),
    note: text("note"),
  };
  if (!readBoolean(text("roster-subscription"))) return { username, ...rest };
  if (own === undefined) {
    throw invalid("roster-subscription", `Only users of ${host} can be the new user's contacts.`);
  }
  return {
    ...{ contact: own, register: true },
    ...(username !== undefined && { for: `${username}@${host}` }),
    ...rest,
  };
}

const invalid = (name: FieldName, reason: string) =>
  new Problem("invalid", reason, [{ at: `/${name}`, reason }]);

function accountOf(text: string | undefined, host: string): string {
  const jid = parseBareJid(text ?? "");
  if (jid?.local !== undefined && jid.domain === host) return jid.local;
  throw invalid("accountjid", `Give the JID of an account on ${host}.`);
}

/** XEP-0004, 3.3: `1`, `0`, `true` or `false`. */
function readBoolean(text: string | undefined): boolean {
  if (text === undefined || text === "0" || text === "false") return false;
  if (text === "1" || text === "true") return true;
  throw invalid("roster-subscription", "Say true or false.");
}

function readTtl(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "never") return Infinity;
  const value = parseDuration(text);
  if (value !== undefined) return value;
  throw invalid("ttl", 'Give a time such as "12h" or "7d", or "never".');
}

function readUses(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === "unlimited") return null;
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text);
  throw invalid("max-uses", 'Give a whole number above 0, or "unlimited".');
}
