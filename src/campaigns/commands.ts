import { buildRouteMap } from "@stricli/core";
import { args, command, type CommonFlags, count, minute, on, value } from "../cli/command.ts";
import { createProgress } from "../cli/progress.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import type { Streams } from "../cli/streams.ts";
import { operator } from "../core/actor.ts";
import { type Campaign, campaignJson } from "./campaign.ts";
import type { Campaigns } from "./campaigns.ts";
import { type InviteFlags, inviteFlags, requestOf, template } from "./flag_commands.ts";
import { type Format, writeInvites } from "./formats.ts";
import { type Print, sheetCommand } from "./sheet_commands.ts";
import { templateCommands } from "./template_commands.ts";
import type { Templates } from "./templates.ts";

export type WithCampaigns = <T>(
  flags: CommonFlags,
  work: (services: { campaigns: Campaigns; templates: Templates }) => Promise<T>,
) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const campaign = { placeholder: "CAMPAIGN", brief: "the campaign's id" };
const most = 1_000_000; // invites of one command

interface BulkFlags extends InviteFlags {
  readonly count?: number;
  readonly resume?: string;
  readonly label?: string;
  readonly template?: string;
  readonly csv?: boolean;
  readonly ndjson?: boolean;
}

/** What stands below `couplet invites` of campaigns and templates. */
export function campaignCommands(withCampaigns: WithCampaigns, streams: Streams, print: Print): Routes {
  const bulk = command<BulkFlags, [string]>({
    brief: "Make many invites that are alike, and print their links",
    fullDescription:
      "Prints a link a line, or with --csv, --ndjson or --json all that is known of each. What is printed is on " +
      "disk. If it breaks off, --resume CAMPAIGN prints all of them and makes those that are missing.",
    flags: {
      count: count("How many, up to 1,000,000"),
      resume: value("Go on with a campaign that broke off", "CAMPAIGN", String),
      label: value("What the campaign is for", "TEXT", String),
      template,
      ...inviteFlags,
      csv: on("Print a table"),
      ndjson: on("Print a line of JSON an invite"),
    },
    positional: args(host),
    call: ({ count, resume, label, csv, ndjson, ...flags }, hostName) =>
      withCampaigns(flags, async ({ campaigns }) => {
        const actor = operator(hostName);
        if ((count === undefined) === (resume === undefined)) {
          throw new CommandError("Say how many with --count N, or which campaign with --resume CAMPAIGN.");
        }
        const invite = { ...requestOf(flags), template: flags.template };
        const batch = resume === undefined
          ? await campaigns.begin(actor, { count: count!, label, invite }, most)
          : await campaigns.resume(actor, resume);
        const { id, count: total } = batch.campaign;
        const progress = createProgress(streams, { unit: "invites", things: "invites", total });
        let done = 0;
        const counting = async function* () {
          for await (const some of batch.invites) {
            yield some;
            done += some.length;
            progress.update(done, done);
          }
        };
        const format: Format = flags.json ? "json" : csv ? "csv" : ndjson ? "ndjson" : "links";
        try {
          for await (const text of writeInvites(format, batch.campaign, counting())) {
            await streams.write(text);
          }
        } catch (error) {
          progress.say(
            `It broke off after ${done}. To go on: couplet invites bulk ${hostName} --resume ${id}`,
          );
          throw error;
        } finally {
          progress.end();
        }
        if (!flags.json) {
          streams.say(
            `Campaign ${id}: ${done} invites. To print them: couplet invites sheet ${hostName} ${id} > sheet.html\n`,
          );
        }
        return undefined;
      }),
  });

  const list = command<{ after?: string }, [string]>({
    brief: "List a host's campaigns, newest first",
    flags: { after: value("Begin where a page ended", "CURSOR", String) },
    positional: args(host),
    call: ({ after, ...flags }, hostName) =>
      withCampaigns(flags, async ({ campaigns }) => {
        const page = await campaigns.list(operator(hostName), { after, limit: 100 });
        const more = page.next && `More: couplet invites campaigns list ${hostName} --after ${page.next}`;
        return {
          json: { ...page, campaigns: page.campaigns.map(campaignJson) },
          text: page.campaigns.map(line).join("\n"),
          hint: more ?? (page.campaigns.length === 0 ? "No campaigns." : undefined),
        };
      }),
  });

  const show = command<Record<never, never>, [string, string]>({
    brief: "Show what has become of a campaign's invites",
    flags: {},
    positional: args(host, campaign),
    call: (flags, hostName, id) =>
      withCampaigns(flags, async ({ campaigns }) => {
        const { invites, ...rest } = campaignJson(await campaigns.show(operator(hostName), id));
        return {
          json: { ...rest, invites },
          text: Object.entries({ ...rest, ...invites }).map(([name, fact]) => `${name}: ${fact}`).join("\n"),
        };
      }),
  });

  const revoke = command<Record<never, never>, [string, string]>({
    brief: "End all invites of a campaign that are not used yet",
    flags: {},
    positional: args(host, campaign),
    call: (flags, hostName, id) =>
      withCampaigns(flags, async ({ campaigns }) => {
        await campaigns.revoke(operator(hostName), id);
        return { json: { campaign: id, state: "revoked" }, text: "", hint: "Revoked." };
      }),
  });

  return {
    bulk,
    sheet: sheetCommand(withCampaigns, streams, print),
    campaigns: buildRouteMap({ routes: { list, show, revoke }, docs: { brief: "Invites made at once" } }),
    ...templateCommands(withCampaigns),
  };
}

const line = ({ id, made, count, created_at, label = "" }: Campaign) =>
  [id, `${made}/${count}`, minute(created_at), label].join("\t");
