import type { Actor } from "../core/actor.ts";
import type { IsProxy } from "./client_address.ts";

/** Who is at the other end of the connection. The server works that out when it is asked. */
export interface Peer {
  readonly remoteAddr?: Deno.Addr;
}

/** What the rooms that speak HTTP put into Hono's context. */
export interface HttpEnv {
  /** What the server hands in with each request. */
  Bindings: Peer;
  Variables: {
    /** The domain that the request is for. */
    host: string;
    /** Who asks; set by `requireKey`. */
    actor: Actor;
    /** Whose word counts for `clientAddress`. */
    isProxy: IsProxy;
  };
}
