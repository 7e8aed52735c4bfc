import { type Context, Hono } from "hono";
import type { HttpEnv } from "../http/env.ts";
import { pageHeaders } from "../web/page.tsx";
import type { SiteOf } from "../web/site.ts";
import type { Invites } from "./invites.ts";
import { DeadInvitePage, InvitePage } from "./page.tsx";

/**
 * `/invite/TOKEN`, and `/invites_page?TOKEN` for links that mod_invites_page has given out. Looking changes nothing.
 * 200 for an invite that can be used, 410 for one that no longer can, 404 for an unknown one.
 */
export function invitePageRoutes(invites: Invites, siteOf: SiteOf): Hono<HttpEnv> {
  async function show(c: Context<HttpEnv>, token: string): Promise<Response> {
    const { host } = c.var;
    const site = siteOf(host);
    const invite = await invites.findByToken(host, token);
    if (invite?.state === "pending") {
      const link = `<${invite.uri}>; rel="alternate"`;
      return c.html(<InvitePage invite={invite} site={site} />, 200, { ...pageHeaders({ site }), link });
    }
    const state = invite?.state ?? "unknown";
    return c.html(
      <DeadInvitePage
        state={state}
        host={host}
        site={site}
        {...(invite && { type: invite.type })}
      />,
      invite ? 410 : 404,
      pageHeaders({ site }),
    );
  }

  return new Hono<HttpEnv>()
    .get("/invite/", (c) => show(c, ""))
    .get("/invite/:token", (c) => show(c, c.req.param("token")))
    .get("/invites_page", (c) => show(c, decode(c.req.url.split("?")[1] ?? "")));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
