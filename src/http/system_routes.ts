import { Hono } from "hono";
import type { HttpEnv } from "./env.ts";

/** For supervisors and load balancers: `/livez` answers while the process runs, `/readyz` while it can serve. */
export function systemRoutes(isReady: () => Promise<boolean>): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .get("/livez", (c) => c.text("ok\n"))
    .get("/readyz", async (c) => await isReady() ? c.text("ok\n") : c.text("not ready\n", 503));
}
