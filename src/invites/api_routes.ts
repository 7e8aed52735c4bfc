import { type Context, Hono } from "hono";
import type { Actor } from "../core/actor.ts";
import { bearerToken } from "../http/auth.ts";
import type { Authenticate } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { Problem } from "../core/problem.ts";
import { problemResponse } from "../http/problem_response.ts";
import type { Invites } from "./invites.ts";

const allowed = "GET, POST, OPTIONS";

/**
 * `/invites_api` as clients of mod_invites_api know it: a key in, 201 and the landing page's Location out, 303
 * with `redirect`. Where the original crashes it does what its documentation says.
 */
export function invitesApiRoutes(
  { invites, authenticate, queryKeys }: { invites: Invites; authenticate: Authenticate; queryKeys: boolean },
): Hono<HttpEnv> {
  async function who(c: Context<HttpEnv>, query: URLSearchParams): Promise<Actor | undefined> {
    const header = c.req.header("authorization");
    const key = header !== undefined
      ? bearerToken(header)
      : queryKeys
      ? query.getAll("key").at(-1)
      : undefined;
    return key === undefined ? undefined : await authenticate(c.var.host, key);
  }

  async function answer(c: Context<HttpEnv>): Promise<Response> {
    const query = new URLSearchParams(queryOf(c.req.url));
    const actor = await who(c, query);
    if (!actor) {
      return problemResponse(
        { code: "not-allowed", detail: "This needs a valid key of this host." },
        cors(c),
      );
    }
    if (c.req.raw.method === "HEAD") return notAllowed(c);
    const { landing_page } = await invites.create(actor, {});
    return new Response(null, {
      status: query.has("redirect") ? 303 : 201,
      headers: { ...cors(c), "location": landing_page, "cache-control": "no-store" },
    });
  }

  return new Hono<HttpEnv>().all("/invites_api", async (c) => {
    const { method } = c.req.raw;
    if (method === "GET" || method === "POST" || method === "HEAD") {
      try {
        return await answer(c);
      } catch (error) {
        if (error instanceof Problem) return problemResponse(error, cors(c));
        throw error;
      }
    }
    if (method === "OPTIONS") {
      return new Response(null, { status: 200, headers: { ...cors(c), ...preflight } });
    }
    return notAllowed(c);
  });
}

const notAllowed = (c: Context<HttpEnv>) =>
  problemResponse(new Problem("method-not-allowed", `Use one of ${allowed}.`), {
    ...cors(c),
    "allow": allowed,
  });

/** Any web page may call this: what counts is the key, and no cookie is looked at. */
function cors(c: Context<HttpEnv>): Record<string, string> {
  const origin = c.req.header("origin");
  return origin === undefined
    ? { "access-control-allow-origin": "*", "access-control-expose-headers": "Location" }
    : {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "Location",
      "vary": "Origin",
    };
}

const preflight = {
  "access-control-allow-methods": "OPTIONS, GET, POST",
  "access-control-allow-headers": "Authorization, Content-Type",
  "access-control-max-age": "7200",
  "allow": allowed,
};

function queryOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}
