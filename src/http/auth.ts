import { createMiddleware } from "hono/factory";
import type { Actor } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import type { HttpEnv } from "./env.ts";
import { problemResponse } from "./problem_response.ts";

/** Finds out who holds a key on a host. */
export type Authenticate = (host: string, key: string) => Promise<Actor | undefined>;

/** The credentials of an `Authorization: Bearer …` header (RFC 6750, 2.1); the scheme's case does not matter. */
export const bearerToken = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : /^bearer +([^\s]+) *$/i.exec(header)?.[1];

/** What an `Authorization: Basic …` header says (RFC 7617, 2). */
export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

/**
 * Basic credentials, in UTF-8 (RFC 7617, 2.1); `undefined` without any.
 * @throws Problem `bad-request` if they cannot be read
 */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  if (header === undefined || !/^basic(?: |$)/i.test(header)) return undefined;
  try {
    const base64 = header.slice("basic".length).trim(); // no pattern looks for its end: blanks may be many
    if (/\s/.test(base64)) throw new SyntaxError();
    const decoded = utf8.decode(Uint8Array.fromBase64(base64));
    const colon = decoded.indexOf(":");
    // deno-lint-ignore no-control-regex
    if (colon < 0 || /[\u0000-\u001f\u007f]/.test(decoded)) throw new SyntaxError();
    return { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  } catch {
    throw new Problem("bad-request", "Basic credentials are NAME:PASSWORD, in UTF-8 and then base64.");
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `ID/SECRET` of Basic credentials: the ID as the user, the SECRET as the password. */
export function basicKey(header: string | undefined): string | undefined {
  try {
    const credentials = basicCredentials(header);
    return credentials && `${credentials.name}/${credentials.password}`;
  } catch {
    return undefined;
  }
}

/**
 * Lets requests with a good key through.
 * @param basic takes Basic credentials too, for programs that can put them into an address and no more
 * @throws Problem `not-authenticated`
 */
export const requireKey = (authenticate: Authenticate, { basic = false } = {}) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const header = c.req.header("authorization");
    const key = bearerToken(header) ?? (basic ? basicKey(header) : undefined);
    const actor = key === undefined ? undefined : await authenticate(c.var.host, key);
    if (!actor) {
      const problem = new Problem(
        "not-authenticated",
        `Send a key of this host as \`Authorization: Bearer ID/SECRET\`${
          basic ? ", or ID and SECRET as Basic credentials." : "."
        }`,
      );
      if (!basic) throw problem;
      return problemResponse(problem, { "www-authenticate": bothChallenges });
    }
    c.set("actor", actor);
    c.header("cache-control", "no-store"); // what a key may see is for nobody else's cache
    await next();
  });

const bothChallenges = 'Basic realm="couplet", charset="UTF-8", Bearer realm="couplet"';
