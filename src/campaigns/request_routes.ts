import { type Context, Hono } from "hono";
import { z } from "zod";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { nextPage } from "../http/paging.ts";
import { notAllowed } from "../http/problem_response.ts";
import { checkShape, readJson, readQuery } from "../http/validate.ts";
import { joinRequestJson, joinStates } from "./join_request.ts";
import { approvalJson, type Joining } from "./joining.ts";
import type { InviteRequest } from "./templates.ts";

const listQuery = z.strictObject({
  state: z.enum(joinStates).optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const approval = z.looseObject({ username: z.string().max(1_024).nullable().optional() });
const refusal = z.strictObject({ reason: z.string().max(1_000).optional() });

/** `/v1/join_requests`: needs a key; see docs/campaigns.md. */
export function joinRequestRoutes(
  { joining, authenticate, inviteRequest }: {
    joining: Joining;
    authenticate: Authenticate;
    inviteRequest: z.ZodType<InviteRequest>;
  },
): Hono<HttpEnv> {
  const idOf = (c: Context) => c.req.param("id") ?? "";
  return new Hono<HttpEnv>()
    .use("/v1/join_requests", requireKey(authenticate))
    .use("/v1/join_requests/*", requireKey(authenticate))
    .get("/v1/join_requests", async (c) => {
      const { requests, next } = await joining.list(c.var.actor, readQuery(c, listQuery));
      return c.json({
        requests: requests.map(joinRequestJson),
        ...(next && { next: nextPage(c.req.url, next) }),
      });
    })
    .get(
      "/v1/join_requests/:id",
      async (c) => c.json(joinRequestJson(await joining.show(c.var.actor, idOf(c)))),
    )
    .delete("/v1/join_requests/:id", async (c) => {
      await joining.delete(c.var.actor, idOf(c));
      return c.body(null, 204);
    })
    .post("/v1/join_requests/:id/approve", async (c) => {
      const { username, ...rest } = await readJson(c, approval);
      const request = { ...checkShape(inviteRequest, rest, "body"), username };
      return c.json(approvalJson(await joining.approve(c.var.actor, idOf(c), request)));
    })
    .post("/v1/join_requests/:id/decline", async (c) => {
      const { reason } = await readJson(c, refusal);
      return c.json(joinRequestJson(await joining.decline(c.var.actor, idOf(c), reason)));
    })
    .all("/v1/join_requests", () => notAllowed("GET, HEAD"))
    .all("/v1/join_requests/:id", () => notAllowed("GET, HEAD, DELETE"))
    .all("/v1/join_requests/:id/approve", () => notAllowed("POST"))
    .all("/v1/join_requests/:id/decline", () => notAllowed("POST"));
}
