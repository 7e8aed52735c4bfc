import type { Actor } from "../core/actor.ts";

/** What the rooms that speak HTTP put into Hono's context. */
export interface HttpEnv {
  Variables: {
    /** The domain that the request is for. */
    host: string;
    /** Who asks; set by `requireKey`. */
    actor: Actor;
  };
}
