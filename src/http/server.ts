import { getLogger } from "@logtape/logtape";
import { type Context, Hono, type Next } from "hono";
import { Problem } from "../core/problem.ts";
import { type BodyLimits, boundBody, limitOf } from "./body_limit.ts";
import { proxiesOf } from "./client_address.ts";
import type { HttpEnv } from "./env.ts";
import { problemResponse } from "./problem_response.ts";

const log = getLogger(["couplet", "http"]);

/** An app that knows the request's host, bounds its body, and turns every failure into a problem response. */
export function createHttp(
  { hostOf, bodies, proxies, system }: {
    hostOf: (authority: string) => string;
    bodies: BodyLimits;
    /** Who is believed on whom a request comes from. */
    proxies: readonly string[];
    /** Routes that are for the machine and not for a host. */
    system: Hono<HttpEnv>;
  },
): Hono<HttpEnv> {
  const isProxy = proxiesOf(proxies);
  const app = new Hono<HttpEnv>();
  app.use((c, next) => c.req.method === "HEAD" ? measured(c, next) : next());
  app.route("/", system);
  app.use(async (c, next) => {
    c.set("host", hostOf(authorityOf(c.req.raw)));
    c.set("isProxy", isProxy);
    if (c.req.raw.body !== null) c.req.raw = boundBody(c.req.raw, limitOf(bodies, c.req.path));
    await next();
  });
  app.notFound(() => problemResponse(new Problem("not-found", "Nothing is served at this address.")));
  app.onError((error, c) => {
    if (error instanceof Problem) {
      if (error.cause !== undefined) log.error("A request failed: {reason}", { reason: String(error.cause) });
      return problemResponse(error);
    }
    log.error("A request could not be answered", { method: c.req.method, route: c.req.routePath, error });
    return problemResponse(
      new Problem("internal", "This is our fault and has been logged. Try again later."),
    );
  });
  return app;
}

/** Without its body an answer would go out as if it were 0 bytes long, which is not what GET gets (RFC 9110, 8.6). */
async function measured(c: Context<HttpEnv>, next: Next): Promise<void> {
  await next();
  if (c.res.body === null || c.res.headers.has("content-length")) return;
  c.res.headers.set("content-length", `${(await c.res.arrayBuffer()).byteLength}`);
}

/** The authority of the request's URL, which Deno makes from the Host header: read without parsing all of it. */
function authorityOf({ url }: Request): string {
  const start = url.indexOf("//") + 2;
  const end = url.indexOf("/", start);
  return url.slice(start, end < 0 ? undefined : end);
}
