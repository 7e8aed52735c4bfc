import type { Context } from "hono";
import { type Address, isLoopback, parseAddress, parseNetwork, senderOf } from "../core/network.ts";
import type { HttpEnv, Peer } from "./env.ts";

/** Somebody that a request came by: an address, or a program at the other end of our Unix socket. */
type Hop = Address | "unix";

/** Whether that is a proxy whose word on who sent a request counts. */
export type IsProxy = (hop: Hop) => boolean;

/** Reads `http.trusted_proxies`: addresses, networks, and `unix`. */
export function proxiesOf(list: readonly string[]): IsProxy {
  const networks = list.flatMap((text) => parseNetwork(text) ?? []);
  const unix = list.includes("unix");
  return (hop) => hop === "unix" ? unix : networks.some((holds) => holds(hop));
}

/**
 * Who sent a request, as one that can be counted: an address of IPv4, or the /64 of one of IPv6. Each trusted proxy
 * is believed on whom it had the request from, which is why `forwarded` is read from its end.
 *
 * `undefined` if that is not known: all there is is a proxy, or something on this machine that may be one. To count
 * that as one sender would let anybody use up everybody's tries.
 */
export function findSender(
  peer: Peer | undefined,
  forwarded: string | undefined,
  isProxy: IsProxy,
): string | undefined {
  let hop = hopOf(peer);
  let rest = forwarded;
  while (hop !== undefined && isProxy(hop)) {
    if (rest === undefined) return undefined;
    const comma: number = rest.lastIndexOf(",");
    hop = parseAddress(rest.slice(comma + 1).trim());
    rest = comma < 0 ? undefined : rest.slice(0, comma);
  }
  return hop === undefined || hop === "unix" || isLoopback(hop) ? undefined : senderOf(hop);
}

function hopOf(peer: Peer | undefined): Hop | undefined {
  if (peer?.remoteAddr === undefined) return undefined;
  return "hostname" in peer.remoteAddr ? parseAddress(peer.remoteAddr.hostname) : "unix";
}

/** Who sent this request, for limits: see `findSender`. */
export const clientAddress = (c: Context<HttpEnv>): string | undefined =>
  findSender(c.env, c.req.header("x-forwarded-for"), c.var.isProxy);
