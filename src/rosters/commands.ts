import { buildRouteMap } from "@stricli/core";
import { args, command, type CommonFlags, on } from "../cli/command.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import type { Streams } from "../cli/streams.ts";
import { type Actor, operator } from "../core/actor.ts";
import { parseJson, usualLimits } from "../core/json.ts";
import { Problem } from "../core/problem.ts";
import { reasonOf } from "../core/reason.ts";
import type { ChangeReport } from "./change.ts";
import { exportCommand } from "./export_commands.ts";
import { importCommand } from "./import_commands.ts";
import { type KeptRoster, rosterJson } from "./roster.ts";
import type { Rosters } from "./rosters.ts";
import type { RosterTransfer } from "./transfer.ts";

/** Opens the store that the flags' settings name, for as long as `work` runs. */
type WithRosters = <T>(
  flags: CommonFlags,
  work: (services: { rosters: Rosters; rosterTransfer: RosterTransfer }) => Promise<T>,
) => Promise<T>;

const user = { placeholder: "USER@HOST", brief: "whose roster" };

/** `couplet rosters …` */
export function rosterCommands(withRosters: WithRosters, streams: Streams): Routes {
  const show = command<Record<never, never>, [string]>({
    brief: "Show a user's contacts",
    flags: {},
    positional: args(user),
    call: (flags, jid) =>
      withRosters(flags, async ({ rosters }) => {
        const roster = await rosters.get(...ownerOf(jid));
        return { json: rosterJson(roster.items), text: table(roster), hint: about(roster) };
      }),
  });

  const set = command<{ dryRun?: boolean }, [string, string]>({
    brief: "Make a user's roster what a file of JSON says",
    fullDescription:
      'The file holds one object, as `show --json` prints it: {"marie@example.com": {"name": "Marie"}}. ' +
      "Contacts that it does not have are removed.",
    flags: { dryRun: on("Say what would change, and change nothing") },
    positional: args(user, { placeholder: "FILE", brief: "a file of JSON; - for stdin" }),
    call: ({ dryRun = false, ...flags }, jid, file) =>
      withRosters(flags, async ({ rosters }) => {
        const report = await rosters.put(...ownerOf(jid), await readJson(file, streams), { dryRun });
        const json = dryRun ? { ...report, dry_run: true } : report;
        return { json, text: changes(report), hint: summary(report, dryRun) };
      }),
  });

  return {
    rosters: buildRouteMap({
      routes: {
        show,
        set,
        import: importCommand(withRosters, streams),
        export: exportCommand(withRosters, streams),
      },
      docs: { brief: "Contacts" },
    }),
  };
}

function ownerOf(jid: string): [Actor, string] {
  const at = jid.indexOf("@");
  const slash = jid.indexOf("/", at);
  if (at > 0 && slash > 0) {
    const [bare, full] = [jid.slice(0, slash), jid].map((text) => JSON.stringify(text.slice(0, 200)));
    throw new CommandError(`${full} is one client of a user. The roster is that of the user: ${bare}.`);
  }
  if (at > 0) return [operator(jid.slice(at + 1)), jid.slice(0, at)];
  throw new CommandError(
    `${JSON.stringify(jid.slice(0, 200))} is not a user's address, such as ann@example.org.`,
  );
}

async function readJson(file: string, { stdin }: Streams): Promise<unknown> {
  const name = file === "-" ? "What came on stdin" : file;
  const bytes = file === "-"
    ? await new Response(ReadableStream.from(stdin())).bytes()
    : await Deno.readFile(file).catch((error) => {
      throw new CommandError(`${file} cannot be read: ${reasonOf(error)}.`);
    });
  try {
    return await parseJson(bytes, { ...usualLimits, values: Infinity, names: Infinity }, name);
  } catch (error) {
    throw error instanceof Problem ? new CommandError(error.detail) : error;
  }
}

/** A line a contact: address, subscription, name and groups. */
const table = ({ items }: KeptRoster): string =>
  [...items].map(([jid, { name = "", subscription, ask, approved, groups }]) =>
    [
      jid,
      [subscription, ...ask ? ["asked"] : [], ...approved ? ["approved"] : []].join(", "),
      name,
      groups.join(", "),
    ]
      .join("\t").trimEnd()
  ).join("\n");

function about({ id, version, items, pending }: KeptRoster): string {
  if (id === 0) {
    return "No roster is kept here for this user. Whether there is such an account was not asked.";
  }
  const waiting = [...pending.keys()].map((jid) => `\n${jid} waits to be answered.`);
  return `${counted(items.size, "contact")}, version ${version}.${waiting.join("")}`;
}

const changes = ({ added, changed, removed }: ChangeReport): string =>
  [
    ...added.map((jid) => `+ ${jid}`),
    ...changed.map((jid) => `~ ${jid}`),
    ...removed.map((jid) => `- ${jid}`),
  ].join("\n");

function summary({ added, changed, removed, version }: ChangeReport, dryRun: boolean): string {
  if (added.length + changed.length + removed.length === 0) return "It is so already. Nothing was changed.";
  const what = `${added.length} added, ${changed.length} changed, ${removed.length} removed`;
  return dryRun ? `Would be: ${what}. Nothing was changed.` : `${what}; version ${version}.`;
}

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? "" : "s"}`;
