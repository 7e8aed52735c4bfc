import { buildRouteMap } from "@stricli/core";
import { args, command, type CommonFlags, minute, value } from "../cli/command.ts";
import type { Routes } from "../cli/run.ts";
import { operator } from "../core/actor.ts";
import { type Group, groupJson, memberJson } from "./group.ts";
import type { Groups } from "./groups.ts";
import type { GroupMembers } from "./members.ts";

interface Services {
  readonly groups: Groups;
  readonly groupMembers: GroupMembers;
}
type WithGroups = <T>(flags: CommonFlags, work: (services: Services) => Promise<T>) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const group = { placeholder: "ID", brief: "the group's id" };
const user = { placeholder: "USER", brief: "the part of the address before the @" };
const newName = { placeholder: "NAME", brief: "what the group is called in rosters" };

/** `couplet groups …` */
export function groupCommands(withGroups: WithGroups): Routes {
  const list = command<{ after?: string }, [string]>({
    brief: "List a host's groups",
    flags: { after: value("Begin where a page ended", "ID", String) },
    positional: args(host),
    call: ({ after, ...flags }, hostName) =>
      withGroups(flags, async ({ groups }) => {
        const page = await groups.list(operator(hostName), { after, limit: 100 });
        const more = page.next === undefined
          ? undefined
          : `More: couplet groups list ${hostName} --after ${page.next}`;
        return {
          json: { ...page, groups: page.groups.map(groupJson) },
          text: page.groups.map(line).join("\n"),
          hint: more ?? (page.groups.length === 0 ? "No groups." : undefined),
        };
      }),
  });

  const create = command<{ id?: string }, [string, string]>({
    brief: "Make a group; whoever is in it knows all the others in it",
    flags: { id: value("What to call it in commands and invites", "ID", String) },
    positional: args(host, newName),
    call: ({ id, ...flags }, hostName, name) =>
      withGroups(flags, async ({ groups }) => {
        const made = await groups.create(operator(hostName), { name, id });
        const hint = `Put somebody in: couplet groups add ${hostName} ${made.id} USER\n` +
          `Invite somebody into it: couplet invites create ${hostName} --group ${made.id}`;
        return { json: groupJson(made), text: made.id, hint };
      }),
  });

  const show = command<{ after?: string }, [string, string]>({
    brief: "Show a group and who is in it",
    flags: { after: value("Begin behind this member", "USER", String) },
    positional: args(host, group),
    call: ({ after, ...flags }, hostName, id) =>
      withGroups(flags, async ({ groups, groupMembers }) => {
        const actor = operator(hostName);
        const shown = await groups.get(actor, id);
        const { members, next } = await groupMembers.list(actor, id, { after, limit: 500 });
        const json = members.map((member) => memberJson(member, shown.host));
        return {
          json: { ...groupJson(shown), members: json, ...(next !== undefined && { next }) },
          text: [
            line(shown),
            ...json.map(({ jid, joined_at }) => `${jid}\tsince ${minute(Date.parse(joined_at))}`),
          ].join("\n"),
          hint: next && `More: couplet groups show ${hostName} ${id} --after ${next}`,
        };
      }),
  });

  const add = command<Record<never, never>, [string, string, string]>({
    brief: "Put somebody into a group, or put back what is missing in rosters",
    flags: {},
    positional: args(host, group, user),
    call: (flags, hostName, id, username) =>
      withGroups(flags, async ({ groupMembers }) => {
        const { group, member, isNew } = await groupMembers.add(operator(hostName), id, username);
        const { jid, ...rest } = memberJson(member, group.host);
        const hint = isNew
          ? `${jid} is in ${group.name}, with ${
            group.members - 1
          } others. Whether there is such an account was ` +
            "not asked: a command cannot reach Prosody."
          : `${jid} is in ${group.name} already; what was missing in rosters is there again.`;
        return { json: { ...rest, jid, group: group.id }, text: "", hint };
      }),
  });

  const remove = command<Record<never, never>, [string, string, string]>({
    brief: "Take somebody out of a group",
    flags: {},
    positional: args(host, group, user),
    call: (flags, hostName, id, username) =>
      withGroups(flags, async ({ groupMembers }) => {
        const group = await groupMembers.take(operator(hostName), id, username);
        return {
          json: groupJson(group),
          text: "",
          hint: `Out of ${group.name}, which has ${group.members} left.`,
        };
      }),
  });

  const rename = command<Record<never, never>, [string, string, string]>({
    brief: "Give a group another name, in all rosters",
    flags: {},
    positional: args(host, group, newName),
    call: (flags, hostName, id, name) =>
      withGroups(flags, async ({ groups }) => {
        const group = await groups.rename(operator(hostName), id, name);
        return { json: groupJson(group), text: "", hint: `It is called ${group.name} now.` };
      }),
  });

  const drop = command<Record<never, never>, [string, string]>({
    brief: "Delete a group: contacts that there are for its sake alone go too",
    flags: {},
    positional: args(host, group),
    call: (flags, hostName, id) =>
      withGroups(flags, async ({ groups }) => {
        await groups.remove(operator(hostName), id);
        return { json: { deleted: id }, text: "", hint: "Deleted." };
      }),
  });

  return {
    groups: buildRouteMap({
      routes: { list, create, show, add, remove, rename, delete: drop },
      docs: { brief: "Groups of people who all know each other" },
    }),
  };
}

const line = ({ id, name, members }: Group) =>
  [id, name, `${members} member${members === 1 ? "" : "s"}`].join("\t");
