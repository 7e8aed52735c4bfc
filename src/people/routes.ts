import { Hono } from "hono";
import { z } from "zod";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readQuery } from "../http/validate.ts";
import { branchActions } from "./branch.ts";
import type { HeldOfPeople } from "./held.ts";
import type { People } from "./people.ts";
import type { Tree } from "./tree.ts";

const page = { after: z.string().optional(), limit: z.coerce.number().int().min(1).max(200).default(50) };
const treeQuery = z.strictObject({ ...page, depth: z.coerce.number().int().min(1).max(50).default(5) });
const alarmQuery = z.strictObject(page);
const branchQuery = z.strictObject({ dry_run: z.enum(["true", "false"]).optional() });

/** `/v1/invite_tree`, `/v1/invite_alarms` and `/v1/people/USER`: needs a key; see docs/http_api.md. */
export function peopleRoutes(
  { people, held, authenticate }: { people: People; held: HeldOfPeople; authenticate: Authenticate },
): Hono<HttpEnv> {
  const paged = ({ next, ...answer }: Tree | Awaited<ReturnType<People["alarms"]>>, url: string) => ({
    ...answer,
    ...(next !== undefined && { next: nextPage(url, next) }),
  });
  const routes = new Hono<HttpEnv>();
  for (const path of ["/v1/invite_tree/*", "/v1/invite_alarms", "/v1/people/*"]) {
    routes.use(path, requireKey(authenticate));
  }
  for (const action of branchActions) {
    routes.post(`/v1/invite_tree/:user/${action}`, async (c) => {
      const dryRun = readQuery(c, branchQuery).dry_run === "true";
      return c.json(await people.changeBranch(c.var.actor, c.req.param("user"), action, { dryRun }));
    }).all(`/v1/invite_tree/:user/${action}`, () => notAllowed("POST"));
  }
  return routes
    .get("/v1/invite_tree", async (c) => {
      const tree = await people.tree(c.var.actor, undefined, readQuery(c, treeQuery));
      return c.json(paged(tree, c.req.url));
    })
    .all("/v1/invite_tree", () => notAllowed("GET, HEAD"))
    .get("/v1/invite_tree/:user", async (c) => {
      const tree = await people.tree(c.var.actor, c.req.param("user"), readQuery(c, treeQuery));
      return c.json(paged(tree, c.req.url));
    })
    .all("/v1/invite_tree/:user", () => notAllowed("GET, HEAD"))
    .get("/v1/invite_alarms", async (c) => {
      return c.json(paged(await people.alarms(c.var.actor, readQuery(c, alarmQuery)), c.req.url));
    })
    .all("/v1/invite_alarms", () => notAllowed("GET, HEAD"))
    .get("/v1/people/:user/export", async (c) => {
      return c.json(await held.export(c.var.actor, c.req.param("user")));
    })
    .all("/v1/people/:user/export", () => notAllowed("GET, HEAD"))
    .delete("/v1/people/:user", async (c) => {
      await held.erase(c.var.actor, c.req.param("user"));
      return c.body(null, 204);
    })
    .all("/v1/people/:user", () => notAllowed("DELETE"));
}

/** The address of the next page, relative: right behind any proxy. */
function nextPage(url: string, after: string): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.set("after", after);
  return `${pathname}?${searchParams}`;
}
