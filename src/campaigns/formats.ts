import { inviteJson, inviteStates, type ListedInvite } from "../invites/invite.ts";
import { type Campaign, campaignJson } from "./campaign.ts";

export { inviteStates };

/** How many invites are written down: lines of JSON, a table, one JSON document, or their links alone. */
export type Format = "ndjson" | "csv" | "json" | "links";

/** Writes a campaign's invites, some at a time, as they come. */
export async function* writeInvites(
  format: Format,
  campaign: Campaign,
  invites: AsyncIterable<readonly ListedInvite[]>,
): AsyncGenerator<string, void> {
  if (format === "csv") return yield* csv(invites);
  if (format === "json") return yield* document(campaign, invites);
  const line = format === "links"
    ? ({ landing_page, id }: ListedInvite) => `${landing_page ?? `${id}: its link cannot be shown`}\n`
    : (invite: ListedInvite) => `${JSON.stringify(inviteJson(invite))}\n`;
  for await (const some of invites) yield some.map(line).join("");
}

/** A page of them as one JSON document, without where the next begins. */
export const pageJson = (campaign: Campaign, invites: readonly ListedInvite[]) => ({
  campaign: campaignJson(campaign),
  invites: invites.map(inviteJson),
});

async function* document(campaign: Campaign, invites: AsyncIterable<readonly ListedInvite[]>) {
  yield `{"campaign":${JSON.stringify(campaignJson(campaign))},"invites":[`;
  let comma = "";
  for await (const some of invites) {
    if (some.length === 0) continue;
    yield comma + some.map((invite) => JSON.stringify(inviteJson(invite))).join(",");
    comma = ",";
  }
  yield "]}\n";
}

const columns = [
  ...["id", "landing_page", "uri", "state", "type", "jid", "expires_at", "uses", "max_uses"],
  ...["roles", "groups", "note", "created_at", "source"],
];

/** RFC 4180 with a header row. A spreadsheet takes nothing in it for a formula. */
async function* csv(invites: AsyncIterable<readonly ListedInvite[]>) {
  const { stringify } = await import("csv-stringify/sync"); // few requests need it
  const options = { escape_formulas: true, record_delimiter: "\r\n" } as const;
  yield stringify([columns], options);
  for await (const some of invites) {
    const rows = some.map((invite) => {
      const json = inviteJson(invite);
      return columns.map((name) => {
        const value = json[name];
        return Array.isArray(value) ? value.join(", ") : value;
      });
    });
    yield stringify(rows, options);
  }
}
