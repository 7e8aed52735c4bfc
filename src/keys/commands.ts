import { buildRouteMap } from "@stricli/core";
import {
  anyArgs,
  args,
  command,
  type CommonFlags,
  count,
  parseTime,
  time,
  value,
  values,
} from "../cli/command.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import { scopes } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import type { Key, Keys } from "./keys.ts";

/** Opens the store that the flags' settings name, for as long as `work` runs. */
type WithKeys = <T>(flags: CommonFlags, work: (keys: Keys) => Promise<T>) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const id = { placeholder: "ID", brief: "the part of the key before the slash" };

interface CreateFlags {
  readonly scope?: string[];
  readonly role?: string[];
  readonly group?: string[];
  readonly maxTtl?: number;
  readonly maxUses?: number;
  readonly quota?: number;
  readonly expires?: number | "never";
}

const ninetyDays = 90 * 86_400_000;

/** `couplet keys …` and the spelling of `prosodyctl mod_invites_api …`. */
export function keyCommands(withKeys: WithKeys): Routes {
  const create = command<CreateFlags, [string, string | undefined]>({
    brief: "Make a key; it is shown this once",
    flags: {
      scope: values(
        `What it may do, instead of invites:create alone: ${scopes.join(", ")}; may be repeated`,
        "SCOPE",
      ),
      role: values("A role that its invites may carry; may be repeated", "ROLE"),
      group: values("A group that its invites may carry; may be repeated", "GROUP"),
      maxTtl: time("The longest life of its invites, such as 7d"),
      maxUses: count("The most uses of one of its invites"),
      quota: count("How many invites it may make a day"),
      expires: value("When it ends: a time such as 90d, or never (default: 90d)", "TIME", lifetimeOrNever),
    },
    positional: args(host, { placeholder: "NAME", brief: "to recognise it by", optional: true }),
    call: (flags, hostName, name) =>
      withKeys(flags, async (keys) => {
        const { scope, role: roles = [], group: groups = [], maxTtl, maxUses, quota, expires = ninetyDays } =
          flags;
        const limits = {
          roles,
          groups,
          ...(maxTtl !== undefined && { ttl: maxTtl / 1000 }),
          ...(maxUses !== undefined && { uses: maxUses }),
          ...(quota !== undefined && { quota }),
        };
        const lifetime = expires === "never" ? undefined : expires;
        const key = await keys.create(hostName, { name, scopes: scope, limits, lifetime });
        const ends = key.expires_at === undefined
          ? "It does not expire."
          : `It expires on ${date(key.expires_at)}.`;
        return {
          json: keyJson(key),
          text: key.key,
          hint: `Keep it safe: it is not shown again. ${ends} It may: ${key.scopes.join(", ")}.`,
        };
      }),
  });

  const list = command<Record<never, never>, [string]>({
    brief: "List a host's keys",
    flags: {},
    positional: args(host),
    call: (flags, hostName) =>
      withKeys(flags, async (keys) => {
        const all = await keys.list(hostName);
        return {
          json: all.map(keyJson),
          text: all.map(keyLine).join("\n"),
          hint: all.length === 0
            ? `No keys yet. Make one: couplet keys create ${hostName} "What it is for"`
            : undefined,
        };
      }),
  });

  const remove = command<Record<never, never>, [string, string]>({
    brief: "Delete a key; it ends at once",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, keyId) =>
      withKeys(flags, async (keys) => {
        await keys.delete(hostName, keyId);
        return { json: { deleted: keyId }, text: "", hint: `Deleted ${keyId}.` };
      }),
  });

  const rotate = command<Record<never, never>, [string, string]>({
    brief: "Give a key a new secret; the old one ends at once",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, keyId) =>
      withKeys(flags, async (keys) => {
        const key = await keys.rotate(hostName, keyId);
        return { json: keyJson(key), text: key.key, hint: "Keep it safe: it is not shown again." };
      }),
  });

  const original = command<Record<never, never>, string[]>({
    brief: "The commands of prosodyctl mod_invites_api, word for word",
    flags: {},
    positional: anyArgs("ARG", "create HOST [NAME], list HOST or delete HOST ID"),
    call: (flags, ...words) => withKeys(flags, (keys) => asModInvitesApi(keys, words)),
  });

  return {
    keys: buildRouteMap({
      routes: { create, list, delete: remove, rotate },
      docs: { brief: "Keys for the HTTP API" },
    }),
    "mod_invites_api": original,
  };
}

const usage = [
  "Usage:",
  "",
  " couplet mod_invites_api create HOST [NAME]",
  " couplet mod_invites_api delete HOST KEY_ID",
  " couplet mod_invites_api list HOST",
].join("\n");

/** What prosodyctl says, so that scripts go on working; where it exits 0 on a mistake, this exits 1. */
async function asModInvitesApi(keys: Keys, [verb, hostName, argument]: string[]) {
  const original = { "unknown-host": "please supply a valid host", "not-found": "key not found" } as const;
  try {
    if (hostName === undefined) throw new CommandError(`please supply a valid host\n\n${usage}`);
    const all = await keys.list(hostName); // a host that is not served is named first, whatever the verb
    if (verb === "create") {
      const key = await keys.create(hostName, { name: argument });
      return { json: keyJson(key), text: key.key };
    }
    if (verb === "delete") {
      await keys.delete(hostName, argument ?? "");
      return undefined;
    }
    if (verb === "list") {
      return {
        json: all.map(keyJson),
        text: all.map((key) => `${key.id}\t${key.name ?? "<unknown>"}`).join("\n"),
      };
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new CommandError(original[error.code as keyof typeof original] ?? error.message);
  }
  throw new CommandError(`Unknown command - ${verb}`);
}

const date = (time: number) => new Date(time).toISOString().slice(0, 10);

function keyLine(key: Key): string {
  const ends = key.expires_at === undefined
    ? "never expires"
    : `${key.expires_at <= Date.now() ? "expired" : "until"} ${date(key.expires_at)}`;
  return [key.id, key.name ?? "<unknown>", key.scopes.join(","), ends].join("\t");
}

const keyJson = ({ created_at, expires_at, last_used_at, ...key }: Key) => ({
  ...key,
  created_at: new Date(created_at).toISOString(),
  ...(expires_at !== undefined && { expires_at: new Date(expires_at).toISOString() }),
  ...(last_used_at !== undefined && { last_used_at: new Date(last_used_at).toISOString() }),
});

const lifetimeOrNever = (text: string) => text === "never" ? text : parseTime(text);
