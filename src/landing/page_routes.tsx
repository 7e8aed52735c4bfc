import { type Context, Hono } from "hono";
import { Problem } from "../core/problem.ts";
import type { HttpEnv } from "../http/env.ts";
import { createNegotiate } from "../http/negotiate.ts";
import { notAllowed, problemResponse } from "../http/problem_response.ts";
import { chooseLanguage } from "../web/language.ts";
import { pageHeaders } from "../web/page.tsx";
import type { SiteOf } from "../web/site.ts";
import { NoAppPage } from "./app_page.tsx";
import { DeadInvitePage } from "./dead_page.tsx";
import { otherForm, otherForms } from "./form_routes.ts";
import { deadProblems, type Found, type Landing } from "./landing.ts";
import type { Reader } from "./page.tsx";
import { platformOf } from "../core/platforms.ts";
import { createRenderer, headersFor } from "./render_page.tsx";

export interface LandingNeeds {
  readonly landing: Landing;
  readonly siteOf: SiteOf;
  /** Whether people can register on this host by a form: `/invite/TOKEN/register`. */
  readonly webRegistration: (host: string) => boolean;
}

const negotiate = createNegotiate(["text/html", ...otherForms]);

/**
 * `/invite/TOKEN` in the form that `Accept` asks for, `/invite/TOKEN/APP` for each app, and `/invites_page?TOKEN` for
 * links that mod_invites_page has given out. Looking changes nothing. 200 for an invite that can be used, 410 for
 * one that no longer can, 403 for one that is paused, 404 for an unknown one, 406 for a form that there is not.
 */
export function landingRoutes({ landing, siteOf, webRegistration }: LandingNeeds): Hono<HttpEnv> {
  const { render } = createRenderer(landing.apps);

  function readerOf(c: Context<HttpEnv>): Reader {
    const site = siteOf(c.var.host);
    const query = c.req.url.includes("?") ? c.req.query() : {};
    const { tag, words } = chooseLanguage(query.lang, c.req.header("accept-language"), site.language);
    const platform = platformOf(query.platform, c.req.header("user-agent"));
    return { site, lang: tag, words, platform, keep: query.lang === tag ? `?lang=${tag}` : "" };
  }

  async function show(c: Context<HttpEnv>, token: string): Promise<Response> {
    const { host } = c.var;
    const form = negotiate(c.req.header("accept"));
    if (form === undefined) {
      throw new Problem("not-acceptable", `Ask for one of text/html, ${otherForms.join(", ")}.`);
    }
    const found = await landing.find(host, token);
    if (form !== "text/html") {
      return "invite" in found
        ? await otherForm(c, form, found.invite)
        : problemResponse(deadProblems[found.dead], { vary: "Accept, Accept-Language" });
    }
    const reader = readerOf(c);
    const path = pathOf(reader, token);
    if (!("invite" in found)) return showDead(c, reader, found, path);
    const { body, headers } = render(reader, found.invite, { path, web: webRegistration(host) });
    return new Response(body, { headers });
  }

  async function showApp(c: Context<HttpEnv>, token: string, id: string): Promise<Response> {
    const { host } = c.var;
    const found = await landing.find(host, token);
    const reader = readerOf(c);
    const path = pathOf(reader, token);
    if (!("invite" in found)) return showDead(c, reader, found, path);
    const app = landing.apps(host).find((one) => one.id === id.toLowerCase());
    if (!app) return c.html(<NoAppPage {...{ reader, path }} />, 404, headersOf(reader));
    const { body, headers } = render(reader, found.invite, { path, web: webRegistration(host), app });
    return new Response(body, { headers });
  }

  return new Hono<HttpEnv>()
    .get("/invite/", (c) => show(c, ""))
    .get("/invite/:token", (c) => show(c, c.req.param("token")))
    .get("/invite/:token/", (c) => show(c, c.req.param("token")))
    .get("/invite/:token/:app", (c, next) => {
      const { token, app } = c.req.param();
      return app === "register" ? next() : showApp(c, token, app); // that one is a form
    })
    .get("/invites_page", (c) => show(c, tokenInQuery(c.req.url)))
    .get("/invites_page/setup/:app", (c) => showApp(c, tokenInQuery(c.req.url), c.req.param("app")))
    .all("/invite/:token", () => notAllowed("GET, HEAD"))
    .all("/invites_page", () => notAllowed("GET, HEAD"));
}

const headersOf = (reader: Reader) => ({ ...pageHeaders({ site: reader.site }), ...headersFor(reader) });

function showDead(
  c: Context<HttpEnv>,
  reader: Reader,
  { dead, type }: Extract<Found, { dead: unknown }>,
  path: string,
): Response | Promise<Response> {
  const status = dead === "unknown" ? 404 : dead === "paused" ? 403 : 410;
  return c.html(<DeadInvitePage state={dead} {...{ reader, type, path }} />, status, headersOf(reader));
}

/** Where this invite's page is, from the root of the server that people see. */
const pathOf = ({ site }: Reader, token: string): string =>
  `${site.base}/invite/${token.length > 200 ? "" : encodeURIComponent(token)}`;

/** All of the query, as mod_invites_page has it; what a language or platform is asked by stands behind it. */
function tokenInQuery(url: string): string {
  const text = (url.split("?")[1] ?? "").split("&")[0] ?? "";
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
