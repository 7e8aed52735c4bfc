import { type Context, Hono } from "hono";
import { z } from "zod";
import { Problem } from "../core/problem.ts";
import { clientAddress } from "../http/client_address.ts";
import type { HttpEnv } from "../http/env.ts";
import { problemResponse } from "../http/problem_response.ts";
import { readJson } from "../http/validate.ts";
import { type Invite, keptUsername, type Registration } from "./registration.ts";

/** What the dialect of mod_invites_register_api needs. */
export interface RegisterApiNeeds {
  readonly registration: Registration;
  readonly siteName: (host: string) => string;
}

const body = z.strictObject({ username: z.string(), password: z.string(), token: z.string() });
const allowed = "GET, HEAD, POST, OPTIONS";

/** As it is sent to any web page: what counts is the token, and no cookie is looked at. */
const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "Content-Type",
  "access-control-allow-methods": "OPTIONS, GET, POST",
  "access-control-max-age": "7200",
  "cache-control": "no-store",
};

/**
 * `/register_api/…` as clients of mod_invites_register_api know it. Where the original takes a token twice, makes an
 * account of a reset or looks at no password, this does not.
 */
export function registerApiRoutes({ registration, siteName }: RegisterApiNeeds): Hono<HttpEnv> {
  async function look(c: Context<HttpEnv>): Promise<Response> {
    const { host } = c.var;
    const invite = await registration.find(host, c.req.param("token") ?? "");
    return c.json(described(invite, siteName(host)), 200, cors);
  }

  async function register(c: Context<HttpEnv>): Promise<Response> {
    const application = await readJson(c, body);
    const address = clientAddress(c);
    const { jid } = await registration.register({ ...application, host: c.var.host, address });
    return c.json({ jid }, 200, cors);
  }

  const refused = (c: Context<HttpEnv>) =>
    c.req.method === "OPTIONS"
      ? new Response(null, { status: 200, headers: { ...cors, allow: allowed } })
      : problemResponse({ code: "method-not-allowed", detail: `Use one of ${allowed}.` }, {
        ...cors,
        allow: allowed,
      });

  return new Hono<HttpEnv>()
    .get("/register_api/invite/:token", told(look))
    .all("/register_api/invite/:token", refused)
    .post("/register_api/register", told(register))
    .all("/register_api/register", refused);
}

/** What every failure is to clients of the original: 400 for bad values, 404 for an invite that is good no more. */
const dialect: Partial<Record<Problem["code"], Problem["code"]>> = {
  "invalid": "bad-request",
  "unsupported-media-type": "bad-request",
  "invite-spent": "invite-unknown",
  "invite-paused": "invite-unknown",
};

const told = (handler: (c: Context<HttpEnv>) => Promise<Response>) => async (c: Context<HttpEnv>) => {
  try {
    return await handler(c);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { detail, faults, retryAfter } = error;
    const code = dialect[error.code] ?? error.code;
    return problemResponse({ code, detail, faults, ...(retryAfter !== undefined && { retryAfter }) }, cors);
  }
};

function described(invite: Invite, site_name: string): Record<string, string> {
  const user = invite.jid.slice(0, Math.max(invite.jid.lastIndexOf("@"), 0));
  return {
    type: invite.type === "contact" ? "roster" : "register",
    uri: invite.uri,
    domain: invite.host,
    site_name,
    token: invite.token,
    ...(invite.type === "contact" && { inviter: user }),
    ...(invite.type === "reset" && { reset: keptUsername(invite) ?? user }),
  };
}
