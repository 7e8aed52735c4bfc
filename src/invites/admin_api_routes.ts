import type { Context, Hono } from "hono";
import { z } from "zod";
import { parseJson, usualLimits } from "../core/json.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import { dialect } from "../http/dialect.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { checkShape, readBytes, requireType } from "../http/validate.ts";
import type { AdminInvites } from "./admin_invites.ts";

const names = z.array(z.string().max(1024)).max(50);
/** Members that are not known here are overlooked, as in the original: clients send what other versions know. */
const options = z.object({
  username: z.string().max(1024).optional(),
  ttl: z.number().min(1).max(1e9).optional(),
  groups: names.optional(),
  roles: names.optional(),
  note: z.string().max(1000).optional(),
  reusable: z.boolean().optional(),
});

/** `/admin_api/invites…` as clients of mod_http_admin_api know it: Snikket's web portal above all. */
export function adminInviteRoutes(invites: AdminInvites, authenticate: Authenticate): Hono<HttpEnv> {
  const path = "/admin_api/invites";
  return dialect(`${path}/*`)
    .use(`${path}/*`, requireKey(authenticate))
    .get(path, async (c) => c.json(await invites.list(c.var.actor)))
    .post(path, async (c) => c.json(await invites.create(c.var.actor, undefined, await readOptions(c))))
    .all(path, () => notAllowed("GET, HEAD, POST"))
    .get(`${path}/:id`, async (c) => c.json(await invites.get(c.var.actor, c.req.param("id"))))
    .post(
      `${path}/:kind`,
      async (c) => c.json(await invites.create(c.var.actor, c.req.param("kind"), await readOptions(c))),
    )
    .delete(`${path}/:id`, async (c) => {
      await invites.drop(c.var.actor, c.req.param("id"));
      return c.body(null, 200);
    })
    .all(`${path}/:id`, () => notAllowed("GET, HEAD, POST, DELETE"));
}

/** Nothing is as good as `{}`. */
async function readOptions(c: Context<HttpEnv>): Promise<z.infer<typeof options>> {
  const bytes = await readBytes(c);
  if (bytes.length === 0) return {};
  requireType(c, ["application/json"]);
  return checkShape(options, await parseJson(bytes, usualLimits), "body");
}
