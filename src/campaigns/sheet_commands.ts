import { args, command, type CommonFlags, count, value } from "../cli/command.ts";
import type { Streams } from "../cli/streams.ts";
import { operator } from "../core/actor.ts";
import type { Campaigns } from "./campaigns.ts";
import { firstOf } from "./making.ts";
import { cardOf, cardsOfSheet, type SheetCard } from "./sheet.ts";

type WithCampaigns = <T>(
  flags: CommonFlags,
  work: (services: { campaigns: Campaigns }) => Promise<T>,
) => Promise<T>;

/** Draws a sheet of a host's invites, in the language of this tag. */
export type Print = (
  flags: CommonFlags,
  sheet: { host: string; label: string | undefined; lang: string | undefined; cards: SheetCard[] },
) => Promise<AsyncIterable<string>>;

/** `couplet invites sheet` */
export const sheetCommand = (withCampaigns: WithCampaigns, streams: Streams, print: Print) =>
  command<{ lang?: string; from?: number }, [string, string]>({
    hasOwnForm: true,
    brief: "Print a campaign's pending invites as a page of cards with QR codes (HTML)",
    fullDescription:
      `Writes HTML to stdout, ${cardsOfSheet} cards at most; open it in a browser and print it.`,
    flags: {
      lang: value("The language of the cards (default: that of the host's pages)", "TAG", String),
      from: count("Begin where a sheet ended"),
    },
    positional: args({ placeholder: "HOST", brief: "the XMPP domain" }, {
      placeholder: "CAMPAIGN",
      brief: "the campaign's id",
    }),
    call: ({ lang, from = 0, ...flags }, hostName, id) =>
      withCampaigns(flags, async ({ campaigns }) => {
        const options = { state: "pending", after: from } as const;
        const { campaign, slices } = await campaigns.read(operator(hostName), id, options);
        const { invites, next } = await firstOf(slices, cardsOfSheet);
        const { host, label } = campaign;
        const cards = invites.flatMap(cardOf);
        for await (const text of await print(flags, { host, label, lang, cards })) await streams.write(text);
        const more = next === undefined
          ? ""
          : ` More: couplet invites sheet ${hostName} ${id} --from ${next} > more.html`;
        const none = cards.length === 0 ? " None of these invites is pending." : "";
        streams.say(`${cards.length} ${cards.length === 1 ? "card" : "cards"}.${none}${more}\n`);
        return undefined;
      }),
  });
