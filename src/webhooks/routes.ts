import { type Context, Hono } from "hono";
import { z } from "zod";
import { Problem } from "../core/problem.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import { etagOf, ifMatch, isKnown } from "../http/etag.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readJson, readQuery } from "../http/validate.ts";
import type { Replays } from "./replays.ts";
import { deliveryJson, deliveryStates, type NewWebhook, type Webhook, webhookJson } from "./webhook.ts";
import type { Webhooks } from "./webhooks.ts";

const text = z.string().max(2_000);
/** The body of `POST /v1/webhooks`. */
const request = z.strictObject({
  url: text,
  events: z.array(text).max(50),
  description: text.optional(),
});
const patch = z.strictObject({ ...request.partial().shape, enabled: z.boolean().optional() });
const replay = z.union([
  z.strictObject({ event: text }),
  z.strictObject({
    since: z.iso.datetime({ offset: true, error: 'Give a time such as "2026-01-31T12:00:00Z".' })
      .transform((time) => Date.parse(time)),
  }),
], { error: 'Give {"since": TIME}, as RFC 3339 has it, or {"event": ID}.' });
const deliveriesQuery = z.strictObject({
  state: z.enum(deliveryStates).optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** `/v1/webhooks`: needs a key with `webhooks:admin`; see docs/http_api.md. */
export function webhookRoutes(
  { webhooks, replays, authenticate }: { webhooks: Webhooks; replays: Replays; authenticate: Authenticate },
): Hono<HttpEnv> {
  const idOf = (c: Context<HttpEnv>) => c.req.param("id") ?? "";
  return new Hono<HttpEnv>()
    .use(requireKey(authenticate))
    .get("/", async (c) => c.json({ webhooks: (await webhooks.list(c.var.actor)).map(webhookJson) }))
    .post("/", async (c) => {
      const made = await webhooks.create(c.var.actor, await readJson(c, request));
      return shown(c, made, 201, { location: `${new URL(c.req.url).pathname}/${made.id}` });
    })
    .all("/", () => notAllowed("GET, HEAD, POST"))
    .get("/:id", async (c) => {
      const webhook = await webhooks.show(c.var.actor, idOf(c));
      return isKnown(c, webhook.version)
        ? c.body(null, 304, { etag: etagOf(webhook.version) })
        : shown(c, webhook);
    })
    .patch("/:id", async (c) => {
      const asked = await readJson(c, patch);
      return shown(c, await webhooks.change(c.var.actor, idOf(c), asked, ifMatch(c)));
    })
    .delete("/:id", async (c) => {
      await webhooks.delete(c.var.actor, idOf(c), ifMatch(c));
      return c.body(null, 204);
    })
    .all("/:id", () => notAllowed("GET, HEAD, PATCH, DELETE"))
    .post("/:id/rotate", async (c) => shown(c, await webhooks.rotate(c.var.actor, idOf(c))))
    .all("/:id/rotate", () => notAllowed("POST"))
    .post("/:id/test", async (c) => {
      const { isDelivered, retryAfter: _, ...outcome } = await webhooks.test(c.var.actor, idOf(c));
      return c.json({ delivered: isDelivered, ...outcome });
    })
    .all("/:id/test", () => notAllowed("POST"))
    .get("/:id/deliveries", async (c) => {
      const { deliveries, next } = await replays.list(c.var.actor, idOf(c), readQuery(c, deliveriesQuery));
      return c.json({
        deliveries: deliveries.map(deliveryJson),
        ...(next !== undefined && { next: nextPage(c.req.url, next) }),
      });
    })
    .all("/:id/deliveries", () => notAllowed("GET, HEAD"))
    .post("/:id/replay", async (c) => {
      await replays.replay(c.var.actor, idOf(c), await readJson(c, replay));
      return c.body(null, 202);
    })
    .all("/:id/replay", () => notAllowed("POST"))
    .all("/*", () => {
      throw new Problem("not-found", "There is nothing at this address.");
    });
}

function shown(
  c: Context<HttpEnv>,
  webhook: Webhook | NewWebhook,
  status: 200 | 201 = 200,
  headers: Record<string, string> = {},
) {
  return c.json(webhookJson(webhook), status, { etag: etagOf(webhook.version), ...headers });
}

/** The address of the next page, relative: right behind any proxy. */
function nextPage(url: string, after: string): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.set("after", after);
  return `${pathname}?${searchParams}`;
}
