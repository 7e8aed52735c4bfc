import { type Context, Hono } from "hono";
import { requireScope } from "../core/actor.ts";
import { parseJson } from "../core/json.ts";
import { normaliseLocal } from "../core/jid.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readBytes } from "../http/validate.ts";
import type { RosterRefresh } from "./refresh.ts";

type Outcome = Awaited<ReturnType<RosterRefresh["refresh"]>>;

const mostNames = 10_000;
const wanted = `Send a JSON array of at most ${mostNames} usernames, such as ["john", "aaron"].`;

/**
 * `/roster_admin/refresh` as clients of mod_http_roster_admin know it, with the key as Bearer or Basic credentials.
 * Counts are true, and there is an answer where the original gives none.
 */
export function refreshRoutes(refresh: RosterRefresh, authenticate: Authenticate): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use("/roster_admin/refresh/*", requireKey(authenticate, { basic: true }))
    .post("/roster_admin/refresh", async (c) => {
      requireScope(c.var.actor, "rosters:write");
      const names = await readNames(await readBytes(c));
      if (!names) return c.json({ status: "error", message: wanted }, 400);
      const { updated, failed } = await refreshAll(refresh, c.var.host, names);
      return answer(c, { updated, failed }, { updated: updated.length, errors: failed.length });
    })
    .all("/roster_admin/refresh", () => notAllowed("POST"))
    .get("/roster_admin/refresh/:user", async (c) => {
      requireScope(c.var.actor, "rosters:write");
      return answer(c, await refreshAll(refresh, c.var.host, [c.req.param("user")]));
    })
    .all("/roster_admin/refresh/:user", () => notAllowed("GET, HEAD"));
}

async function readNames(body: Uint8Array): Promise<string[] | undefined> {
  try {
    const names = await parseJson(body);
    return Array.isArray(names) && names.length <= mostNames &&
        names.every((name) => typeof name === "string")
      ? names
      : undefined;
  } catch {
    return undefined;
  }
}

/** Status and message as the original words them; an error is what failed as a whole. */
function answer(c: Context<HttpEnv>, { updated, failed }: Outcome, counts: Record<string, number> = {}) {
  const [first] = failed;
  return first && updated.length === 0
    ? c.json(
      {
        status: "error",
        message: `no roster was updated: ${first.user.slice(0, 100)}: ${first.reason}`,
        ...counts,
      },
      500,
    )
    : c.json({ status: "ok", message: "roster update complete", ...counts });
}

/** Each user once, however often and in whatever form it is named; what is no username is left to fail. */
const refreshAll = ({ refresh }: RosterRefresh, host: string, names: readonly string[]): Promise<Outcome> =>
  refresh(host, [...new Set(names.map((name) => normaliseLocal(name) ?? name))]);
