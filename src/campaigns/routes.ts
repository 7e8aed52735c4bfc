import { type Context, Hono } from "hono";
import Negotiator from "negotiator";
import { z } from "zod";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { idempotencyKey } from "../http/idempotency.ts";
import { nextPage } from "../http/paging.ts";
import { notAllowed } from "../http/problem_response.ts";
import { streamText } from "../http/text_stream.ts";
import { checkShape, readJson, readQuery } from "../http/validate.ts";
import { type Campaign, campaignJson } from "./campaign.ts";
import type { Batch, Campaigns, InviteRequest } from "./campaigns.ts";
import { type Format, inviteStates, pageJson, writeInvites } from "./formats.ts";
import { firstOf, invitesOf } from "./making.ts";

const bulkRequest = z.looseObject({ count: z.int(), label: z.string().optional() });
const listQuery = z.strictObject({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const invitesQuery = z.strictObject({
  state: z.enum(inviteStates).optional(),
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export interface CampaignRouteNeeds {
  readonly campaigns: Campaigns;
  readonly authenticate: Authenticate;
  /** What an invite is asked for with. */
  readonly inviteRequest: z.ZodType<InviteRequest>;
  /** The most invites of one request. */
  readonly most: number;
}

/** `/v1/invites/bulk` and `/v1/campaigns`: need a key; see docs/campaigns.md. */
export function campaignRoutes(
  { campaigns, authenticate, inviteRequest, most }: CampaignRouteNeeds,
): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use("/v1/invites/bulk", requireKey(authenticate))
    .use("/v1/campaigns", requireKey(authenticate))
    .use("/v1/campaigns/*", requireKey(authenticate))
    .post("/v1/invites/bulk", async (c) => {
      const { count, label, ...rest } = await readJson(c, bulkRequest);
      const request = { count, label, invite: checkShape(inviteRequest, rest, "body") };
      return answer(c, await campaigns.begin(c.var.actor, request, most, idempotencyKey(c)), 201);
    })
    .get("/v1/campaigns", async (c) => {
      const { campaigns: page, next } = await campaigns.list(c.var.actor, readQuery(c, listQuery));
      return c.json({
        campaigns: page.map(campaignJson),
        ...(next && { next: nextPage(c.req.url, next) }),
      });
    })
    .get(
      "/v1/campaigns/:id",
      async (c) => c.json(campaignJson(await campaigns.show(c.var.actor, c.req.param("id")))),
    )
    .delete("/v1/campaigns/:id", async (c) => {
      await campaigns.revoke(c.var.actor, c.req.param("id"));
      return c.body(null, 204);
    })
    .get("/v1/campaigns/:id/invites", async (c) => {
      const { limit, ...query } = readQuery(c, invitesQuery);
      const { campaign, slices } = await campaigns.read(c.var.actor, c.req.param("id"), query);
      if (formatOf(c) !== "json") return answer(c, { campaign, invites: invitesOf(slices) });
      const { invites, next } = await firstOf(slices, limit);
      return c.json({
        ...pageJson(campaign, invites),
        ...(next !== undefined && { next: nextPage(c.req.url, String(next)) }),
      }, { headers: { vary: "accept" } });
    })
    // What of it is missing is made, and all of it is the answer: for a request that broke off.
    .post(
      "/v1/campaigns/:id/invites",
      async (c) => answer(c, await campaigns.resume(c.var.actor, c.req.param("id"))),
    )
    .all("/v1/invites/bulk", () => notAllowed("POST"))
    .all("/v1/campaigns", () => notAllowed("GET, HEAD"))
    .all("/v1/campaigns/:id", () => notAllowed("GET, HEAD, DELETE"))
    .all("/v1/campaigns/:id/invites", () => notAllowed("GET, HEAD, POST"));
}

const types: Readonly<Record<string, { format: Format; type: string }>> = {
  "application/x-ndjson": { format: "ndjson", type: "application/x-ndjson" },
  "text/csv": { format: "csv", type: "text/csv; charset=utf-8; header=present" },
  "application/json": { format: "json", type: "application/json" },
};
const usual = { format: "ndjson", type: "application/x-ndjson" } as const;

/** The form that who asks would like best; who would like none of them gets the usual one (RFC 9110, 12.4.1). */
function typeOf(c: Context): { format: Format; type: string } {
  const accept = c.req.header("accept")?.slice(0, 1_000) ?? "*/*";
  const wanted = new Negotiator({ headers: { accept } }).mediaType(Object.keys(types));
  return types[wanted ?? ""] ?? usual;
}

const formatOf = (c: Context): Format => typeOf(c).format;

async function answer(c: Context<HttpEnv>, batch: Batch, status = 200): Promise<Response> {
  const { format, type } = typeOf(c);
  const { campaign, invites } = batch;
  const headers = {
    "content-type": type,
    "content-disposition": `attachment; filename="${fileName(campaign, format)}"`,
    "cache-control": "no-store",
    "vary": "accept",
    "location": `/v1/campaigns/${campaign.id}`,
  };
  // How long it would be is not worth reading a million invites for.
  if (c.req.raw.method === "HEAD") return new Response(null, { headers });
  return await streamText(writeInvites(format, campaign, invites), { status, headers });
}

const fileName = ({ id }: Campaign, format: Format) => `campaign-${id}.${format}`;
