import { operator } from "../core/actor.ts";
import { normaliseLocal } from "../core/jid.ts";
import type { LuaTable } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import { hostFor } from "../groups/ground.ts";
import { requireGroupId, requireGroupName } from "../groups/group.ts";
import type { Groups } from "../groups/groups.ts";
import type { GroupMembers } from "../groups/members.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { tableOf, textOf } from "./records.ts";
import type { ImportKind, Source, Tally } from "./tally.ts";

interface OlderGroup {
  readonly id: string;
  readonly name: string;
  readonly members: readonly string[];
}

/** Groups of mod_groups_internal: a table of its own for each, and one of its members. */
export function createGroupImport(
  { hosts, groups, groupMembers }: {
    hosts: Hosts;
    groups: Pick<Groups, "get">;
    groupMembers: Pick<GroupMembers, "bring" | "usernames">;
  },
): ImportKind {
  /** What {@linkcode GroupMembers.bring} would do. */
  async function tryOut(host: string, { id, name, members }: OlderGroup) {
    const actor = operator(host);
    requireGroupId(id);
    requireGroupName(name);
    const known = await groups.get(actor, id).catch((error) => {
      if (!(error instanceof Problem) || error.code !== "not-found") throw error;
    });
    const there = new Set((await groupMembers.usernames(actor, [id])).get(id));
    const added = members.filter((name) => !there.has(name));
    const most = hosts.byDomain(host).settings["groups.max_members"];
    if (there.size + added.length > most) {
      throw new Problem("conflict", `A group may have ${most} members at most.`);
    }
    return { isNew: known === undefined, added };
  }

  return async (host, source, tally) => {
    const { count } = tally;
    hostFor({ hosts }, operator(host), "groups:write");
    count.members = 0;
    for await (const group of readGroups(host, source, tally)) {
      try {
        const { isNew, added } = tally.dryRun
          ? await tryOut(host, group)
          : await groupMembers.bring(operator(host), group);
        if (isNew || added.length > 0) count.imported++;
        else count.there_already++;
        count.members += added.length;
      } catch (error) {
        if (!(error instanceof Problem) || !["invalid", "conflict"].includes(error.code)) throw error;
        tally.fail(group.id, error.message);
      }
      tally.progress();
    }
  };
}

async function* readGroups(host: string, source: Source, tally: Tally): AsyncGenerator<OlderGroup> {
  const infos = await readTables(host, "group_info", source, tally);
  const members = await readTables(host, "groups", source, tally);
  for (const id of new Set([...infos.keys(), ...members.keys()])) {
    tally.count.found++;
    try {
      for (const table of [infos.get(id), members.get(id)]) if (table instanceof Error) throw table;
      const [info, usernames] = [infos.get(id), members.get(id)] as (LuaTable | undefined)[];
      if (!info) throw new Problem("invalid", "It has members, and nothing there says what it is called.");
      const name = textOf(info.get("name"), "Its name");
      if (info.get("muc_jid") !== undefined || info.get("mucs") !== undefined) {
        tally.tell(
          id,
          "Its chat room stays as it is in Prosody. Who joins from now on is not let in by itself.",
        );
      }
      yield { id, name, members: usernamesOf(id, usernames, tally) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tally.fail(id, error.message);
    }
  }
}

/** A group's table by its id, or why it cannot be read. */
async function readTables(host: string, store: string, source: Source, tally: Tally) {
  const tables = new Map<string, LuaTable | Error>();
  const onDamaged = (id: string, key: string, error: Error) => tally.tell(`${id}: ${key}`, error.message);
  for await (const stored of source.read(host, store, onDamaged)) {
    const { username } = stored;
    if (username === "") continue;
    try {
      if ("error" in stored) throw stored.error;
      tables.set(username, tableOf(stored.value));
    } catch (error) {
      tables.set(username, error as Error);
    }
  }
  return tables;
}

/** Those who are members; what cannot be one is told. */
function usernamesOf(id: string, table: LuaTable | undefined, tally: Tally): string[] {
  const usernames: string[] = [];
  for (const [key, value] of table ?? []) {
    if (value === false) continue;
    const name = typeof key === "string" ? key : "a name that is no text";
    if (normaliseLocal(name) === key) usernames.push(name);
    else tally.tell(`${id}: ${name}`, "Prosody spells no username like this.");
  }
  return usernames;
}
