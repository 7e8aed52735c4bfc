import { buildRouteMap } from "@stricli/core";
import { args, command, type CommonFlags, value } from "../cli/command.ts";
import type { Routes } from "../cli/run.ts";
import { operator } from "../core/actor.ts";
import { type InviteFlags, inviteFlags, requestOf } from "./flag_commands.ts";
import { templateJson, type Templates } from "./templates.ts";

type WithTemplates = <T>(
  flags: CommonFlags,
  work: (services: { templates: Templates }) => Promise<T>,
) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const name = { placeholder: "NAME", brief: "the template's name" };

/** `couplet invites templates …` */
export function templateCommands(withTemplates: WithTemplates): Routes {
  const list = command<Record<never, never>, [string]>({
    brief: "List a host's templates",
    flags: {},
    positional: args(host),
    call: (flags, hostName) =>
      withTemplates(flags, async ({ templates }) => {
        const all = (await templates.list(operator(hostName))).map(templateJson);
        return {
          json: { templates: all },
          text: all.map(({ name, request }) => `${name}\t${JSON.stringify(request)}`).join("\n"),
          hint: all.length === 0 ? "No templates." : undefined,
        };
      }),
  });

  const set = command<InviteFlags & { username?: string }, [string, string]>({
    brief: "Make a template, or replace it",
    fullDescription:
      "What is given here is what invites made with the template have if nothing else is said.",
    flags: { username: value("For an account of this name alone", "USER", String), ...inviteFlags },
    positional: args(host, name),
    call: ({ username, ...flags }, hostName, template) =>
      withTemplates(flags, async ({ templates }) => {
        const request = { ...requestOf(flags), ...(username !== undefined && { username }) };
        const made = await templates.put(operator(hostName), template, request);
        return {
          json: templateJson(made.template),
          text: "",
          hint: `${
            made.isNew ? "Made" : "Replaced"
          }. couplet invites create ${hostName} --template ${template}`,
        };
      }),
  });

  const remove = command<Record<never, never>, [string, string]>({
    brief: "Delete a template; what was made with it stays",
    flags: {},
    positional: args(host, name),
    call: (flags, hostName, template) =>
      withTemplates(flags, async ({ templates }) => {
        await templates.delete(operator(hostName), template);
        return { json: { template, deleted: true }, text: "", hint: "Deleted." };
      }),
  });

  return {
    templates: buildRouteMap({
      routes: { list, set, delete: remove },
      docs: { brief: "What invites are made with if nothing else is said" },
    }),
  };
}
