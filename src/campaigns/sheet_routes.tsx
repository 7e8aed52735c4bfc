import { Hono } from "hono";
import { z } from "zod";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { nextPage } from "../http/paging.ts";
import { notAllowed } from "../http/problem_response.ts";
import { streamText } from "../http/text_stream.ts";
import { readQuery } from "../http/validate.ts";
import { chooseLanguage, languageTags } from "../web/language.ts";
import type { SiteOf } from "../web/site.ts";
import type { Campaigns } from "./campaigns.ts";
import { firstOf } from "./making.ts";
import { cardOf, cardsOfSheet } from "./sheet.ts";
import { sheetHeaders, sheetOf } from "./sheet_page.tsx";

const sheetQuery = z.strictObject({
  lang: z.enum(languageTags as [string, ...string[]]).optional(),
  from: z.coerce.number().int().min(0).default(0),
});

/** What a sheet is made of. */
export interface SheetNeeds {
  readonly campaigns: Campaigns;
  readonly siteOf: SiteOf;
}

/** `/v1/campaigns/ID/sheet`: pending invites as cards to print; needs a key. */
export function sheetRoutes({ authenticate, ...needs }: SheetNeeds & { authenticate: Authenticate }) {
  return new Hono<HttpEnv>()
    .use("/v1/campaigns/:id/sheet", requireKey(authenticate))
    .get("/v1/campaigns/:id/sheet", async (c) => {
      const { lang, from } = readQuery(c, sheetQuery);
      const site = needs.siteOf(c.var.host);
      const language = chooseLanguage(lang, c.req.header("accept-language"), site.language);
      const { campaigns } = needs;
      const options = { state: "pending", after: from } as const;
      const { campaign, slices } = await campaigns.read(c.var.actor, c.req.param("id"), options);
      const { invites, next } = await firstOf(slices, cardsOfSheet);
      const link = next === undefined ? undefined : nextPage(c.req.url, String(next), "from");
      return streamText(sheetOf(invites.flatMap(cardOf), { label: campaign.label, site, language }), {
        headers: { ...sheetHeaders(site), ...(link !== undefined && { link: `<${link}>; rel="next"` }) },
      });
    })
    .all("/v1/campaigns/:id/sheet", () => notAllowed("GET, HEAD"));
}
