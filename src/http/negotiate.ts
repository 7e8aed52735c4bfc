import { LRUCache } from "lru-cache";
import Negotiator from "negotiator";

const longest = 1_000; // characters of a header that are looked at

/** Answers what is wanted most of what is offered, `undefined` if none of it is. */
export type Negotiate = (accept: string | undefined) => string | undefined;

/**
 * Chooses between media types by `Accept` (RFC 9110, 12.5.1); the first is for those who say nothing.
 * Programs send the same few headers again and again, so what came of them is kept.
 */
export function createNegotiate(offered: readonly string[]): Negotiate {
  const known = new LRUCache<string, { type: string | undefined }>({ max: 200 });
  return (accept) => {
    if (accept === undefined || accept === "") return offered[0];
    const heard = accept.slice(0, longest);
    let found = known.get(heard);
    if (found === undefined) {
      found = { type: new Negotiator({ headers: { accept: heard } }).mediaType([...offered]) };
      known.set(heard, found);
    }
    return found.type;
  };
}
