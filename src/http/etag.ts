import type { Context } from "hono";
import { Problem } from "../core/problem.ts";

/** A version as a strong entity tag (RFC 9110, 8.8.3). */
export const etagOf = (version: number | string): string => `"${version}"`;

const tags = /^(?:W\/)?"[^"]*"(?:[ \t]*,[ \t]*(?:W\/)?"[^"]*")*$/;

/**
 * The versions that `If-Match` allows, or `*` (RFC 9110, 13.1.1); weak tags match nothing.
 * @throws Problem `bad-request` if it is not a list of tags: an unconditional write is not what was meant
 */
export function ifMatch(c: Context): string[] | undefined {
  const header = c.req.header("if-match")?.trim();
  if (header === undefined || header === "*") return header?.split("");
  if (!tags.test(header)) {
    throw new Problem("bad-request", 'If-Match is a list of entity tags, such as "7", or *.');
  }
  return [...header.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, tag = ""]) =>
    weak === undefined && tag !== "*" ? tag : [] // "*" in quotes is no wildcard, and no tag of ours
  );
}

/**
 * Whether `If-None-Match: *` asks for what is not there yet (RFC 9110, 13.1.2).
 * @throws Problem `bad-request` for tags: of writes, nobody means those
 */
export function ifNoneMatch(c: Context): boolean {
  const header = c.req.header("if-none-match")?.trim();
  if (header === undefined || header === "*") return header === "*";
  throw new Problem("bad-request", "If-None-Match of a write is *: only if there is nothing yet.");
}

/** Whether who asks has this version already (RFC 9110, 13.1.2: weak comparison). */
export function isKnown(c: Context, version: number | string): boolean {
  const header = c.req.header("if-none-match")?.trim();
  return header === "*" ||
    header?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etagOf(version)) === true;
}
