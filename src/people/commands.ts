import { buildRouteMap } from "@stricli/core";
import { args, command, type CommonFlags, count, on, value } from "../cli/command.ts";
import type { Routes } from "../cli/run.ts";
import { operator } from "../core/actor.ts";
import type { BranchAction, BranchReport } from "./branch.ts";
import { drawTree } from "./draw.ts";
import type { HeldOfPeople } from "./held.ts";
import type { Alarm, People } from "./people.ts";

interface PeopleServices {
  readonly people: People;
  readonly held: HeldOfPeople;
}
type WithPeople = <T>(flags: CommonFlags, work: (services: PeopleServices) => Promise<T>) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const user = { placeholder: "USER", brief: "the username" };

/** `couplet people …` */
export function peopleCommands(withPeople: WithPeople): Routes {
  const tree = command<{ depth?: number; after?: string }, [string, string | undefined]>({
    brief: "Show who has invited whom",
    flags: {
      depth: count("How many levels (default: 5)"),
      after: value("Begin where a page ended", "CURSOR", String),
    },
    positional: args(host, { ...user, brief: "only this one, and who is below", optional: true }),
    call: ({ depth, after, ...flags }, hostName, name) =>
      withPeople(flags, async ({ people }) => {
        const found = await people.tree(operator(hostName), name, { depth, after, limit: 200 });
        const more = [hostName, name, "--after", found.next].filter((word) => word !== undefined).join(" ");
        return {
          json: found,
          text: drawTree(found.people, hostName).join("\n"),
          hint: found.next !== undefined
            ? `More: couplet people tree ${more}`
            : found.people.length === 0
            ? "Nobody has been invited."
            : undefined,
        };
      }),
  });

  const branch = (action: BranchAction, brief: string) =>
    command<{ dryRun?: boolean }, [string, string]>({
      brief,
      flags: { dryRun: on("Say what it would do, and do nothing") },
      positional: args(host, user),
      call: ({ dryRun = false, ...flags }, hostName, name) =>
        withPeople(flags, async ({ people }) => {
          const report = await people.changeBranch(operator(hostName), name, action, { dryRun });
          return { json: report, text: "", hint: say(report) };
        }),
    });

  const alarms = command<{ after?: string }, [string]>({
    brief: "List invites that were used too quickly (invites.velocity)",
    flags: { after: value("Begin where a page ended", "CURSOR", String) },
    positional: args(host),
    call: ({ after, ...flags }, hostName) =>
      withPeople(flags, async ({ people }) => {
        const page = await people.alarms(operator(hostName), { after, limit: 100 });
        return {
          json: page,
          text: page.alarms.map(line).join("\n"),
          hint: page.next !== undefined
            ? `More: couplet people alarms ${hostName} --after ${page.next}`
            : page.alarms.length === 0
            ? "None."
            : undefined,
        };
      }),
  });

  const exported = command<Record<never, never>, [string, string]>({
    brief: "Print everything that Couplet holds about a user, as JSON",
    flags: {},
    positional: args(host, user),
    call: (flags, hostName, name) =>
      withPeople(flags, async ({ held }) => {
        const document = await held.export(operator(hostName), name);
        const isEmpty = Object.keys(document.held).length === 0;
        return {
          json: document,
          text: JSON.stringify(document, null, 2),
          hint: isEmpty ? `Nothing is held about ${name}@${hostName}.` : undefined,
        };
      }),
  });

  const erase = command<Record<never, never>, [string, string]>({
    brief: "Erase what Couplet holds about a user, the roster too; the account stays",
    flags: {},
    positional: args(host, user),
    call: (flags, hostName, name) =>
      withPeople(flags, async ({ held }) => {
        await held.erase(operator(hostName), name);
        return {
          json: { erased: name, host: hostName },
          text: "",
          hint: `Erased what was held about ${name}.`,
        };
      }),
  });

  return {
    people: buildRouteMap({
      routes: {
        tree,
        freeze: branch("freeze", "Pause all that a user, and everybody below, invites to"),
        thaw: branch("thaw", "End that"),
        revoke: branch("revoke", "Withdraw the pending invites of a user and of everybody below"),
        alarms,
        export: exported,
        erase,
      },
      docs: { brief: "Who has invited whom, and what is kept about people" },
    }),
  };
}

const words: Record<BranchAction, readonly [done: string, would: string, idle: string]> = {
  freeze: ["Frozen", "Would freeze", "They are frozen already"],
  thaw: ["Thawed", "Would thaw", "They are not frozen"],
  revoke: [
    "Revoked the pending invites of",
    "Would revoke the pending invites of",
    "There is nothing to revoke",
  ],
};

function say({ user, action, people, invites, changed, dry_run }: BranchReport): string {
  const [done, would, idle] = words[action];
  if (!changed) return `${idle}: ${user}${people > 1 ? `, with ${people - 1} below` : ""}.`;
  const below = people > 1 ? ` and ${people - 1} below` : "";
  return `${dry_run ? would : done} ${user}${below}: ${invites} pending invite${invites === 1 ? "" : "s"}.`;
}

const line = ({ user, invite, redemptions, action, began_at, last_at }: Alarm) =>
  [
    invite === undefined ? `user ${user ?? "(erased)"}` : `invite ${invite}`,
    `${redemptions} uses`,
    action,
    `${began_at} to ${last_at}`,
  ].join("\t");
