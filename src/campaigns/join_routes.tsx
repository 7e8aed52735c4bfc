import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { Problem, problems } from "../core/problem.ts";
import { clientAddress } from "../http/client_address.ts";
import type { HttpEnv } from "../http/env.ts";
import { type FormGuard, proofField } from "../http/form_guard.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readBytes, requireType } from "../http/validate.ts";
import type { FieldError } from "../web/form.tsx";
import { chooseLanguage, type Words } from "../web/language.ts";
import { pageHeaders } from "../web/page.tsx";
import type { SiteOf } from "../web/site.ts";
import { JoinMessagePage, JoinPage, JoinStatusPage, type View } from "./join_page.tsx";
import type { Asked } from "./join_request.ts";
import type { Joining } from "./joining.ts";

/** What the pages for asking need. */
export interface JoinPageNeeds {
  readonly joining: Joining;
  readonly guard: FormGuard;
  readonly siteOf: SiteOf;
  /** Where a host's pages are seen from outside. */
  readonly publicUrl: (host: string) => string;
}

const formType = "application/x-www-form-urlencoded";
const purpose = "join";

/** `/join`, where strangers ask for an invite, and `/join/TOKEN`, where they find the answer. */
export function joinRoutes({ joining, guard, siteOf, publicUrl }: JoinPageNeeds): Hono<HttpEnv> {
  function viewOf(c: Context<HttpEnv>): View {
    const site = siteOf(c.var.host);
    return {
      site,
      language: chooseLanguage(c.req.query("lang"), c.req.header("accept-language"), site.language),
    };
  }

  function requireOpen({ var: { host } }: Context<HttpEnv>): void {
    if (!joining.isOpen(host)) throw new Problem("not-found", "Nothing is served at this address.");
  }

  function form(c: Context<HttpEnv>, asked: Partial<Asked> = {}, problem?: Problem) {
    const view = viewOf(c);
    const hidden = { name: proofField, value: guard.proof(c, purpose) };
    const errors = problem ? errorsOf(problem, view.language.words) : [];
    const status = problem ? problems[problem.code].status : 200;
    const { retryAfter } = problem ?? {};
    return c.html(<JoinPage {...{ ...view, asked, errors, hidden }} />, status as ContentfulStatusCode, {
      ...pageHeaders({ site: view.site, forms: true }),
      ...(retryAfter !== undefined && { "retry-after": `${retryAfter}` }),
    });
  }

  const say = (c: Context<HttpEnv>, message: keyof Words["joining"]["messages"], status: 200 | 403 | 404) => {
    const view = viewOf(c);
    return c.html(
      <JoinMessagePage {...view} message={message} />,
      status,
      pageHeaders({ site: view.site }),
    );
  };

  async function submit(c: Context<HttpEnv>): Promise<Response> {
    requireOpen(c);
    const fields = await readForm(c);
    const text = (name: string) => fields.get(name) ?? "";
    const asked = {
      ...{ name: text("name"), username: text("username") },
      ...{ reach: text("reach"), message: text("message") },
    };
    const token = await attempt(() => {
      guard.check(c, purpose, fields.get(proofField));
      return joining.ask(c.var.host, asked, clientAddress(c));
    });
    if (token instanceof Problem) return form(c, asked, token);
    return c.body(null, 303, {
      location: `${siteOf(c.var.host).base}/join/${token}`,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
  }

  async function status(c: Context<HttpEnv>, token: string): Promise<Response> {
    const request = await attempt(() => joining.look(c.var.host, token));
    if (request instanceof Problem) return say(c, "unknown", 404);
    const headers = { "cache-control": "no-store", "referrer-policy": "no-referrer" };
    if (request.landing_page !== undefined) {
      return c.body(null, 303, { ...headers, location: request.landing_page });
    }
    const view = viewOf(c);
    const hidden = { name: proofField, value: guard.proof(c, token) };
    const address = `${publicUrl(c.var.host)}/join/${token}`;
    const page = <JoinStatusPage {...{ ...view, request, hidden, address }} />;
    return c.html(page, 200, pageHeaders({ site: view.site, forms: true }));
  }

  async function withdraw(c: Context<HttpEnv>, token: string): Promise<Response> {
    const fields = await readForm(c);
    const done = await attempt(async () => {
      guard.check(c, token, fields.get(proofField));
      await joining.withdraw(c.var.host, token);
    });
    if (!(done instanceof Problem)) return say(c, "withdrawn", 200);
    return done.code === "form-stale" ? say(c, "stale", 403) : say(c, "unknown", 404);
  }

  return new Hono<HttpEnv>()
    .get("/join", (c) => {
      requireOpen(c);
      return form(c);
    })
    .post("/join", submit)
    .get("/join/:token", (c) => status(c, c.req.param("token")))
    .post("/join/:token", (c) => withdraw(c, c.req.param("token")))
    .all("/join", () => notAllowed("GET, HEAD, POST"))
    .all("/join/:token", () => notAllowed("GET, HEAD, POST"));
}

async function readForm(c: Context<HttpEnv>): Promise<URLSearchParams> {
  requireType(c, [formType]);
  return new URLSearchParams(new TextDecoder().decode(await readBytes(c)));
}

const attempt = <T,>(work: () => Promise<T>): Promise<T | Problem> =>
  Promise.resolve().then(work).catch((error) => {
    if (error instanceof Problem && error.code !== "too-large") return error;
    throw error;
  });

/** What a page says of a failure, in its language. */
function errorsOf(problem: Problem, { joining: words }: Words): FieldError[] {
  const { mistakes } = words;
  if (problem.code === "invalid") {
    const fields = new Set(problem.faults.map(({ at }) => at.slice(1) as keyof Asked));
    return [...fields].map((field) => ({ field, text: mistakes[field] }));
  }
  if (problem.code === "form-stale") return [{ text: mistakes.stale }];
  if (problem.code !== "too-many-requests") return [{ text: mistakes.unavailable }];
  return [{ text: problem.retryAfter === undefined ? mistakes.full : mistakes.tooOften(problem.retryAfter) }];
}
