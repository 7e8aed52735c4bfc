import { Hono } from "hono";
import type { z } from "zod";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readJson } from "../http/validate.ts";
import { type InviteRequest, templateJson, type Templates } from "./templates.ts";

/** `/v1/invite_templates`: needs a key; see docs/campaigns.md. */
export function templateRoutes(
  { templates, authenticate, inviteRequest }: {
    templates: Templates;
    authenticate: Authenticate;
    inviteRequest: z.ZodType<InviteRequest>;
  },
): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use("/v1/invite_templates", requireKey(authenticate))
    .use("/v1/invite_templates/*", requireKey(authenticate))
    .get(
      "/v1/invite_templates",
      async (c) => c.json({ templates: (await templates.list(c.var.actor)).map(templateJson) }),
    )
    .get(
      "/v1/invite_templates/:name",
      async (c) => c.json(templateJson(await templates.show(c.var.actor, c.req.param("name")))),
    )
    .put("/v1/invite_templates/:name", async (c) => {
      const request = await readJson(c, inviteRequest);
      const { template, isNew } = await templates.put(c.var.actor, c.req.param("name"), request);
      return c.json(templateJson(template), isNew ? 201 : 200);
    })
    .delete("/v1/invite_templates/:name", async (c) => {
      await templates.delete(c.var.actor, c.req.param("name"));
      return c.body(null, 204);
    })
    .all("/v1/invite_templates", () => notAllowed("GET, HEAD"))
    .all("/v1/invite_templates/:name", () => notAllowed("GET, HEAD, PUT, DELETE"));
}
