import { createMiddleware } from "hono/factory";
import type { Actor } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import type { HttpEnv } from "./env.ts";

/** Finds out who holds a key on a host. */
export type Authenticate = (host: string, key: string) => Promise<Actor | undefined>;

/** The credentials of an `Authorization: Bearer …` header (RFC 6750, 2.1); the scheme's case does not matter. */
export const bearerToken = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : /^bearer +([^\s]+) *$/i.exec(header)?.[1];

/** Lets requests with a good key through. @throws Problem `not-authenticated` */
export const requireKey = (authenticate: Authenticate) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const key = bearerToken(c.req.header("authorization"));
    const actor = key === undefined ? undefined : await authenticate(c.var.host, key);
    if (!actor) {
      throw new Problem("not-authenticated", "Send a key of this host as `Authorization: Bearer ID/SECRET`.");
    }
    c.set("actor", actor);
    c.header("cache-control", "no-store"); // what a key may see is for nobody else's cache
    await next();
  });
