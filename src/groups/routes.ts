import { type Context, Hono } from "hono";
import { z } from "zod";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { etagOf, ifMatch, isKnown } from "../http/etag.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readJson, readQuery } from "../http/validate.ts";
import { type Group, groupJson, memberJson } from "./group.ts";
import type { Groups } from "./groups.ts";
import type { GroupMembers } from "./members.ts";

const name = z.string().max(1023);
const newGroup = z.strictObject({ name, id: z.string().max(64).optional() });
const change = z.strictObject({ name });
const page = z.strictObject({
  after: z.string().max(1023).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** `/v1/groups`: needs a key; see docs/http_api.md. */
export function groupRoutes(
  { groups, members, authenticate }: { groups: Groups; members: GroupMembers; authenticate: Authenticate },
): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use(requireKey(authenticate))
    .get("/", async (c) => {
      const { groups: list, next } = await groups.list(c.var.actor, readQuery(c, page));
      return c.json({ groups: list.map(groupJson), ...(next && { next: nextPage(c.req.url, next) }) });
    })
    .post("/", async (c) => {
      const group = await groups.create(c.var.actor, await readJson(c, newGroup));
      return shown(c, group, 201, { location: `/v1/groups/${group.id}` });
    })
    .all("/", () => notAllowed("GET, HEAD, POST"))
    .get("/:group", async (c) => {
      const group = await groups.get(c.var.actor, c.req.param("group"));
      return isKnown(c, group.version) ? c.body(null, 304, { etag: etagOf(group.version) }) : shown(c, group);
    })
    .patch("/:group", async (c) => {
      const { name } = await readJson(c, change);
      return shown(c, await groups.rename(c.var.actor, c.req.param("group"), name, { ifMatch: ifMatch(c) }));
    })
    .delete("/:group", async (c) => {
      await groups.remove(c.var.actor, c.req.param("group"), { ifMatch: ifMatch(c) });
      return c.body(null, 204);
    })
    .all("/:group", () => notAllowed("GET, HEAD, PATCH, DELETE"))
    .get("/:group/members", async (c) => {
      const { members: list, next } = await members.list(
        c.var.actor,
        c.req.param("group"),
        readQuery(c, page),
      );
      return c.json({
        members: list.map((member) => memberJson(member, c.var.actor.host)),
        ...(next && { next: nextPage(c.req.url, next) }),
      });
    })
    .all("/:group/members", () => notAllowed("GET, HEAD"))
    .put("/:group/members/:user", async (c) => {
      const { group: id, user } = c.req.param();
      const { group, member, isNew } = await members.add(c.var.actor, id, user, { ifMatch: ifMatch(c) });
      return c.json(memberJson(member, group.host), isNew ? 201 : 200, { etag: etagOf(group.version) });
    })
    .delete("/:group/members/:user", async (c) => {
      const { group, user } = c.req.param();
      const { version } = await members.take(c.var.actor, group, user, { ifMatch: ifMatch(c) });
      return c.body(null, 204, { etag: etagOf(version) });
    })
    .all("/:group/members/:user", () => notAllowed("PUT, DELETE"));
}

const shown = (
  c: Context<HttpEnv>,
  group: Group,
  status: 200 | 201 = 200,
  headers: Record<string, string> = {},
) => c.json(groupJson(group), status, { etag: etagOf(group.version), ...headers });

/** The address of the next page, relative: right behind any proxy. */
function nextPage(url: string, after: string): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.set("after", after);
  return `${pathname}?${searchParams}`;
}
