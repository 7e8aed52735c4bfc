import { domainToASCII } from "node:url";
import type { Context } from "hono";
import { normaliseDomain, normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { type Authenticate, basicCredentials, bearerToken } from "../http/auth.ts";
import { clientAddress } from "../http/client_address.ts";
import type { HttpEnv } from "../http/env.ts";
import { problemResponse } from "../http/problem_response.ts";
import type { Asker, Trust } from "./asker.ts";
import type { Logins } from "./logins.ts";

export interface AskerNeeds {
  readonly authenticate: Authenticate;
  readonly logins: Logins;
  readonly trusted: Trust;
}

/** Who sends this request: a key's holder, or a user with the password of XMPP. @throws Problem `not-authenticated` */
export async function askerOf(c: Context<HttpEnv>, needs: AskerNeeds): Promise<Asker> {
  const { host } = c.var;
  const header = c.req.header("authorization");
  const key = bearerToken(header);
  if (key !== undefined) {
    const actor = await needs.authenticate(host, key);
    if (actor) return needs.trusted(actor);
    throw new Problem("not-authenticated", "This is no key of this host.");
  }
  const credentials = basicCredentials(header);
  if (!credentials) throw new Problem("not-authenticated", `Log in as you@${host}, with your password.`);
  const { name, password } = credentials;
  const at = name.lastIndexOf("@");
  const user = at < 0 ? undefined : normaliseLocal(name.slice(0, at));
  if (user === undefined || normaliseDomain(name.slice(at + 1)) !== host) {
    throw new Problem("not-authenticated", `The username is a whole address of this host: you@${host}.`);
  }
  return needs.logins(host, {
    ...{ user, password },
    get address() { // worked out only for a password that is not known
      return clientAddress(c);
    },
  });
}

/** Runs a handler; what it throws is told with the challenge that Basic needs, and to any web page. */
export const challenging =
  (handler: (c: Context<HttpEnv>) => Promise<Response>) => async (c: Context<HttpEnv>) => {
    try {
      const response = await handler(c);
      for (const [name, value] of Object.entries(cors(c))) response.headers.set(name, value);
      return response;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return problemResponse(error, {
        ...cors(c),
        ...(error.code === "not-authenticated" && {
          "www-authenticate": challenge(c.var.host),
        }),
      });
    }
  };

function challenge(host: string): string {
  const name = domainToASCII(host); // a header has ASCII alone
  return `Basic realm="${name}/data_access", charset="UTF-8", Bearer realm="${name}"`;
}

/** Any web page may call this: what counts is in the header, and no cookie is looked at. */
const cors = (c: Context): Record<string, string> =>
  c.req.header("origin") === undefined ? {} : {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Location, Retry-After, WWW-Authenticate",
  };
