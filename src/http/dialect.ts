import { type Context, Hono } from "hono";
import { Problem, type ProblemCode } from "../core/problem.ts";
import type { HttpEnv } from "./env.ts";
import { problemResponse } from "./problem_response.ts";

/** What others answer with a plain 400. */
const vague: readonly ProblemCode[] = ["invalid", "unsupported-media-type"];

/**
 * Routes below a path that web pages of other origins may call with a key, and no cookie is looked at; whatever is
 * wrong with a body is a 400, as in what they stand in for.
 */
export const dialect = (path: string): Hono<HttpEnv> =>
  new Hono<HttpEnv>()
    .onError((error, c) => {
      if (!(error instanceof Problem)) throw error;
      const code = vague.includes(error.code) ? "bad-request" : error.code;
      return problemResponse(new Problem(code, error.detail, error.faults), cors(c));
    })
    .options(path, (c) => c.body(null, 200, { ...cors(c), ...preflight }))
    .use(path, async (c, next) => {
      await next();
      for (const [name, value] of Object.entries(cors(c))) c.res.headers.set(name, value);
    });

const cors = (c: Context<HttpEnv>): Record<string, string> => {
  const origin = c.req.header("origin");
  return origin === undefined
    ? { "access-control-allow-origin": "*" }
    : { "access-control-allow-origin": origin, "vary": "Origin" };
};

const preflight = {
  "access-control-allow-methods": "OPTIONS, GET, POST, PATCH, DELETE, PUT",
  "access-control-allow-headers": "Authorization, Content-Type",
  "access-control-max-age": "7200",
};
