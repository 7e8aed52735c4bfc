import { Hono } from "hono";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import type { Roster } from "./roster.ts";
import type { Rosters } from "./rosters.ts";

/** `/contacts/USER`: a roster as mod_http_roster_admin asks for it, with the key as Bearer or Basic credentials. */
export function contactsRoutes(rosters: Rosters, authenticate: Authenticate): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use("/contacts/:user", requireKey(authenticate, { basic: true }))
    .get("/contacts/:user", async (c) => {
      const { items } = await rosters.get(c.var.actor, c.req.param("user"));
      return c.json(contactsJson(items));
    })
    .all("/contacts/:user", () => notAllowed("GET, HEAD"));
}

/** Groups as an object, and only if there are any: on anything else that module fails. */
function contactsJson(roster: Roster): Record<string, unknown> {
  const contacts = [...roster].filter(([, { subscription }]) => subscription !== "none");
  return Object.fromEntries(contacts.map(([jid, { name, groups }]) => [jid, {
    ...(name !== undefined && { name }),
    ...(groups.length > 0 && { groups: Object.fromEntries(groups.map((group) => [group, true])) }),
  }]));
}
