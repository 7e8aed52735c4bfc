import { buildRouteMap } from "@stricli/core";
import { createTwoFilesPatch } from "diff";
import { args, command, type CommonFlags, count, on } from "../cli/command.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import type { Streams } from "../cli/streams.ts";
import { operator } from "../core/actor.ts";
import { normaliseDomain, normaliseLocal } from "../core/jid.ts";
import { reasonOf } from "../core/reason.ts";
import { parseLua } from "../core/lua_text.ts";
import type { LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import type { Asker, Trust } from "./asker.ts";
import { documentFrom } from "./changes.ts";
import type { Changed, UserData } from "./data.ts";
import type { Document } from "./document.ts";
import type { Place } from "./rights.ts";

/** Opens what the flags' settings name, for as long as `work` runs; Prosody is asked through the daemon. */
type WithData = <T>(
  flags: CommonFlags,
  work: (services: { userData: UserData; trusted: Trust }) => Promise<T>,
) => Promise<T>;

const user = { placeholder: "USER@HOST", brief: "whose data" };
const store = { placeholder: "STORE", brief: "the store, such as vcard or private" };
const file = { placeholder: "FILE", brief: "a file of JSON, or of Lua with --lua; - for stdin" };
const secrets = on("Show passwords, keys and the like too");
const lua = on("Lua instead of JSON, as Prosody writes its files");

/** `couplet data …` */
export function dataCommands(withData: WithData, streams: Streams): Routes {
  const get = command<{ lua?: boolean; secrets?: boolean; version?: number }, [string, string]>({
    brief: "Print what a user has in a store",
    flags: {
      lua,
      secrets,
      version: count("What was there before a change, by the id that `versions` prints"),
    },
    positional: args(user, store),
    call: ({ lua = false, secrets = false, version, ...flags }, jid, name) =>
      withData(flags, async ({ userData, trusted }) => {
        const [asker, place] = placeOf(trusted, jid, name, secrets);
        const document = version === undefined
          ? await userData.get(asker, place)
          : await userData.versions.get(asker, place, "read", version);
        const hint = document ? undefined : "There was nothing here before that change.";
        return { json: parsed(document), text: shown(document, lua), hint };
      }),
  });

  const put = command<{ lua?: boolean }, [string, string, string]>({
    brief: "Put what a file holds in the place of what a user has in a store",
    fullDescription:
      "Put what a file holds in the place of what a user has in a store. What was there is kept for a while: " +
      "see `undo`. An empty object removes it. What `get` prints can be put back, if nothing in it is redacted.",
    flags: { lua },
    positional: args(user, store, file),
    call: ({ lua = false, ...flags }, jid, name, path) =>
      withData(flags, async ({ userData, trusted }) => {
        const value = await readValue(path, lua, streams);
        return told(await userData.change(...placeOf(trusted, jid, name, true), () => value));
      }),
  });

  const diff = command<
    { lua?: boolean; secrets?: boolean; version?: number },
    [string, string, string | undefined]
  >({
    brief: "Show what would change with `put`, or what the last change was",
    fullDescription:
      "With a FILE, what `put` would change; without one, what has changed since the last version that was replaced.",
    flags: {
      lua,
      secrets,
      version: count("Another version than the last, by the id that `versions` prints; without a FILE"),
    },
    positional: args(user, store, { ...file, optional: true }),
    call: ({ lua = false, secrets = false, version, ...flags }, jid, name, path) =>
      withData(flags, async ({ userData, trusted }) => {
        if (path !== undefined && version !== undefined) {
          throw new CommandError("Compare with a FILE or with a --version, not with both.");
        }
        const [asker, place] = placeOf(trusted, jid, name, secrets);
        const now = await userData.get(asker, place).catch(absent);
        const other = path === undefined
          ? await userData.versions.get(asker, place, "read", version)
          : userData.preview(await readValue(path, lua, streams));
        const [from, to] = path === undefined ? [other, now] : [now, other];
        const looksSame = shown(from, lua) === shown(to, lua);
        const isSame = looksSame && (path !== undefined || from?.hash === to?.hash);
        const text = createTwoFilesPatch("before", "after", shown(from, lua) + "\n", shown(to, lua) + "\n");
        return {
          json: { same: isSame, before: parsed(from), after: parsed(to) },
          text: looksSame ? "" : text.trimEnd(),
          hint: isSame
            ? "There is no difference."
            : looksSame
            ? "What differs is hidden: see it with --secrets."
            : undefined,
        };
      }),
  });

  const undo = command<{ version?: number }, [string, string]>({
    brief: "Put back what was replaced",
    fullDescription:
      "Put back what was replaced. Only what was changed through Couplet can be put back, and only the last few " +
      "versions. That can be undone as well.",
    flags: { version: count("Another version than the last, by the id that `versions` prints") },
    positional: args(user, store),
    call: ({ version, ...flags }, jid, name) =>
      withData(
        flags,
        async ({ userData, trusted }) =>
          told(await userData.undo(...placeOf(trusted, jid, name, true), version)),
      ),
  });

  const versions = command<Record<never, never>, [string, string]>({
    brief: "List what was replaced",
    flags: {},
    positional: args(user, store),
    call: (flags, jid, name) =>
      withData(flags, async ({ userData, trusted }) => {
        const found = (await userData.versions.list(...placeOf(trusted, jid, name, true)))
          .map(({ replaced_at, ...one }) => ({ ...one, replaced_at: new Date(replaced_at).toISOString() }));
        const line = (one: typeof found[number]) =>
          `${one.id}\t${one.replaced_at}\t${one.size} bytes\tby ${one.replaced_by}`;
        return {
          json: found,
          text: found.map(line).join("\n"),
          hint: found.length === 0 ? "Nothing was replaced here through Couplet." : undefined,
        };
      }),
  });

  return {
    data: buildRouteMap({
      routes: { get, put, diff, undo, versions },
      docs: { brief: "What users have stored" },
    }),
  };
}

function placeOf(trusted: Trust, jid: string, store: string, secrets: boolean): [Asker, Place] {
  const at = jid.indexOf("@");
  const user = at > 0 ? normaliseLocal(jid.slice(0, at)) : undefined;
  const host = normaliseDomain(jid.slice(at + 1));
  if (user === undefined || host === undefined) {
    throw new CommandError(
      `${JSON.stringify(jid.slice(0, 200))} is not a user's address, such as ann@example.org.`,
    );
  }
  const actor = operator(host);
  const scopes = actor.scopes.filter((scope) => secrets || scope !== "data:secrets");
  return [trusted({ ...actor, scopes }), { user, store }];
}

async function readValue(path: string, isLua: boolean, { stdin }: Streams): Promise<LuaValue> {
  const bytes = path === "-"
    ? await new Response(ReadableStream.from(stdin())).bytes()
    : await Deno.readFile(path).catch((error) => {
      throw new CommandError(`${path} cannot be read: ${reasonOf(error)}.`);
    });
  return isLua ? parseLua(bytes) : await documentFrom(bytes, path === "-" ? "What came on stdin" : path);
}

function absent(error: unknown): undefined {
  if (error instanceof Problem && error.code === "not-found") return undefined;
  throw error;
}

/** For `JSON.stringify`: every number as it is written there. */
const parsed = (document: Document | undefined): unknown =>
  document ? JSON.parse(document.json, asWritten as Parameters<typeof JSON.parse>[1]) : null;

const asWritten = (_name: string, value: unknown, { source = "" }: { source?: string } = {}): unknown =>
  typeof value === "number" && String(value) !== source ? rawJson(source) : value;
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };

const shown = (document: Document | undefined, isLua: boolean): string =>
  !document ? "" : isLua ? document.lua : JSON.stringify(parsed(document), null, 2);

const told = ({ isChange, etag }: Changed) => ({
  json: { changed: isChange, ...(etag !== undefined && { etag }) },
  text: "",
  hint: isChange
    ? "Done. `couplet data undo` puts back what was there."
    : "It is so already. Nothing was changed.",
});
