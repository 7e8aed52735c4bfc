import type { Hono } from "hono";
import { z } from "zod";
import { Problem } from "../core/problem.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import { dialect } from "../http/dialect.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readJson } from "../http/validate.ts";
import type { AdminGroups } from "./admin_groups.ts";
import type { Groups } from "./groups.ts";
import type { GroupMembers } from "./members.ts";

/** Members that are not known here are overlooked: Snikket's web portal asks for a chat, too. */
const named = z.object({ name: z.string().max(1023) });

/**
 * `/admin_api/groups…`, and what else clients of mod_http_admin_api ask for: as far as it is known here, with 501 for
 * the rest.
 */
export function adminGroupRoutes(
  { groups, members, admin, authenticate }: {
    groups: Groups;
    members: GroupMembers;
    admin: AdminGroups;
    authenticate: Authenticate;
  },
): Hono<HttpEnv> {
  const path = "/admin_api/groups";
  const users = "/admin_api/users";
  return dialect("/admin_api/*")
    .use("/admin_api/*", requireKey(authenticate))
    .get(path, async (c) => c.json(await admin.list(c.var.actor)))
    .post(path, async (c) => c.json(await admin.create(c.var.actor, (await readJson(c, named)).name)))
    .all(path, () => notAllowed("GET, HEAD, POST"))
    .get(`${path}/:id`, async (c) => c.json(await admin.get(c.var.actor, c.req.param("id"))))
    .put(`${path}/:id`, async (c) => {
      const { name } = await readJson(c, named);
      await groups.rename(c.var.actor, c.req.param("id"), name);
      return c.body(null, 204);
    })
    .delete(`${path}/:id`, async (c) => {
      await groups.remove(c.var.actor, c.req.param("id"));
      return c.body(null, 204);
    })
    .all(`${path}/:id`, () => notAllowed("GET, HEAD, PUT, DELETE"))
    .put(`${path}/:id/members/:user`, async (c) => {
      await members.add(c.var.actor, c.req.param("id"), c.req.param("user"));
      return c.body(null, 204);
    })
    .delete(`${path}/:id/members/:user`, async (c) => {
      await members.take(c.var.actor, c.req.param("id"), c.req.param("user"));
      return c.body(null, 204);
    })
    .all(`${path}/:id/members/:user`, () => notAllowed("PUT, DELETE"))
    .get(`${users}/:user`, async (c) => c.json(await admin.user(c.var.actor, c.req.param("user"))))
    .get(`${users}/:user/groups`, async (c) => c.json(await admin.of(c.var.actor, c.req.param("user"))))
    .get("/admin_api/server/info", (c) => c.json(admin.info(c.var.actor)))
    .all("/admin_api/*", () => {
      throw new Problem(
        "not-implemented",
        "Couplet knows invites and groups. Accounts, announcements and figures are Prosody's: ask it there.",
      );
    });
}
