import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { Problem, problems } from "../core/problem.ts";
import { clientAddress } from "../http/client_address.ts";
import type { HttpEnv } from "../http/env.ts";
import { type FormGuard, proofField } from "../http/form_guard.ts";
import type { OpenPage } from "../http/open_page.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readBytes, readJson, requireType } from "../http/validate.ts";
import type { ListedApp } from "../web/app_list.tsx";
import { copyScript } from "../web/copy.tsx";
import type { FieldError } from "../web/form.tsx";
import { chooseLanguage, type Words } from "../web/language.ts";
import { pageHeaders } from "../web/page.tsx";
import { platformOf } from "../core/platforms.ts";
import type { SiteOf } from "../web/site.ts";
import { MistakesProblem } from "./mistakes.ts";
import { DonePage, mistakeText, RegistrationPage, showPassword, type View } from "./page.tsx";
import { type Invite, keptUsername, type Registration } from "./registration.ts";

/** What the pages of registration need. */
export interface RegistrationPageNeeds {
  readonly registration: Registration;
  readonly guard: FormGuard;
  readonly siteOf: SiteOf;
  readonly openPage: OpenPage;
  /** The apps that a host's pages name. */
  readonly appsOf: (host: string) => readonly ListedApp[];
}

const jsonBody = z.strictObject({ username: z.string().optional(), password: z.string() });
const methods = "GET, HEAD, POST";

/** Where a form stands, and for what. */
interface Place {
  readonly token: string;
  /** The app that was chosen on the page before. */
  readonly app: string;
  /** The address of this page, without what language it is in. */
  readonly query: Readonly<Record<string, string>>;
  readonly hidden: Readonly<Record<string, string>>;
}

/**
 * `/invite/TOKEN/register`, and `/register?t=TOKEN` as mod_invites_register_web has it. Looking changes nothing; a
 * mistake leaves the invite as good as it was, and no page has a password in it.
 */
export function registrationRoutes(needs: RegistrationPageNeeds): Hono<HttpEnv> {
  const { registration, guard, siteOf, openPage, appsOf } = needs;

  function viewOf(c: Context<HttpEnv>, place: Place): View {
    const site = siteOf(c.var.host);
    return {
      site,
      language: chooseLanguage(c.req.query("lang"), c.req.header("accept-language"), site.language),
      inLanguage: (lang) => `?${new URLSearchParams({ ...place.query, lang })}`,
    };
  }

  /** The page that says what the invite is good for, or why for nothing. */
  const landing = (c: Context<HttpEnv>, { token }: Place) =>
    openPage(c, `/invite/${encodeURIComponent(token)}`);

  function form(c: Context<HttpEnv>, place: Place, invite: Invite, problem?: Problem, username?: string) {
    const view = viewOf(c, place);
    const terms = registration.terms(c.var.host);
    const status = problem ? problems[problem.code].status : 200;
    const retryAfter = problem?.retryAfter ?? (status === 503 ? 5 : undefined);
    const hidden = { ...place.hidden, [proofField]: guard.proof(c, place.token) };
    const page = (
      <RegistrationPage
        {...{ ...view, invite, terms, username, hidden }}
        errors={problem ? errorsOf(problem, invite, view.language.words, terms) : []}
        inDoubt={problem?.code === "in-doubt"}
      />
    );
    return c.html(page, status as ContentfulStatusCode, {
      ...pageHeaders({ site: view.site, forms: true, script: showPassword }),
      ...(retryAfter !== undefined && { "retry-after": `${retryAfter}` }),
    });
  }

  async function show(c: Context<HttpEnv>, place: Place): Promise<Response> {
    const invite = await registration.find(c.var.host, place.token).catch(problemOnly);
    return invite instanceof Problem ? await landing(c, place) : form(c, place, invite);
  }

  async function submit(c: Context<HttpEnv>, place: Place, fields: URLSearchParams): Promise<Response> {
    const { host } = c.var;
    const { token } = place;
    const username = fields.get("username") ?? fields.get("user") ?? "";
    const invite = await registration.find(host, token).catch(problemOnly);
    if (invite instanceof Problem && invite.code !== "invite-unknown") return await landing(c, place);
    const done = await attempt(() => {
      if (!(invite instanceof Problem)) guard.check(c, token, fields.get(proofField));
      return registration.register({
        ...{ host, token, username, address: clientAddress(c) },
        password: fields.get("password") ?? "",
        repeat: fields.get("repeat") ?? undefined,
      });
    });
    if (!(done instanceof Problem)) {
      const view = viewOf(c, place);
      const apps = appsOf(host);
      const chosen = apps.find(({ id }) => id === place.app);
      const platform = platformOf(c.req.query("platform"), c.req.header("user-agent"));
      const page = <DonePage {...{ ...view, invite: invite as Invite, done, apps, chosen, platform }} />;
      return c.html(page, 200, pageHeaders({ site: view.site, script: copyScript }));
    }
    const still = await registration.find(host, token).catch(problemOnly);
    return still instanceof Problem ? await landing(c, place) : form(c, place, still, done, username);
  }

  async function submitJson(c: Context<HttpEnv>, token: string): Promise<Response> {
    guard.requireOwnSite(c);
    const body = await readJson(c, jsonBody);
    const address = clientAddress(c);
    const { jid, reset } = await registration.register({ ...body, host: c.var.host, token, address });
    return c.json({ jid }, reset ? 200 : 201, { "cache-control": "no-store" });
  }

  async function post(c: Context<HttpEnv>, placeOf: (fields: URLSearchParams) => Place): Promise<Response> {
    requireType(c, [formType, "application/json"]);
    const isForm = c.req.header("content-type")?.toLowerCase().startsWith(formType);
    if (!isForm) return await submitJson(c, placeOf(new URLSearchParams()).token);
    const fields = new URLSearchParams(new TextDecoder().decode(await readBytes(c)));
    return await submit(c, placeOf(fields), fields);
  }

  return new Hono<HttpEnv>()
    .get("/invite/:token/register", (c) => show(c, invitePlace(c)))
    .post("/invite/:token/register", (c) => post(c, () => invitePlace(c)))
    .all("/invite/:token/register", () => notAllowed(methods))
    .get("/register", (c) => show(c, oldPlace(c, new URLSearchParams())))
    .post("/register", (c) => post(c, (fields) => oldPlace(c, fields)))
    .all("/register", () => notAllowed(methods));
}

const formType = "application/x-www-form-urlencoded";

function invitePlace(c: Context<HttpEnv>): Place {
  const app = c.req.query("c") ?? "";
  return { token: c.req.param("token") ?? "", app, query: app === "" ? {} : { c: app }, hidden: {} };
}

/** The names are those of mod_invites_register_web, whose links and forms may be about. */
function oldPlace(c: Context<HttpEnv>, fields: URLSearchParams): Place {
  const token = fields.get("token") ?? c.req.query("t") ?? "";
  const app = fields.get("app_id") ?? c.req.query("c") ?? "";
  return {
    ...{ token, app },
    query: { t: token, ...(app !== "" && { c: app }) },
    hidden: { token, ...(app !== "" && { app_id: app }) },
  };
}

function problemOnly(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

const attempt = <T,>(work: () => Promise<T>): Promise<T | Problem> =>
  Promise.resolve().then(work).catch(problemOnly);

/** What a page says of a failure, in its language. */
function errorsOf(
  problem: Problem,
  invite: Invite,
  words: Words,
  terms: { host: string; length: number },
): FieldError[] {
  const { registration: texts } = words;
  if (problem instanceof MistakesProblem) {
    return problem.mistakes.map((one) => ({ field: one.field, text: mistakeText(one, words, terms) }));
  }
  const seconds = problem.retryAfter ?? 1;
  switch (problem.code) {
    case "username-taken":
      return [{ field: "username", text: texts.mistakes.username.taken }];
    case "username-reserved":
      return [{ field: "username", text: texts.mistakes.username.reserved }];
    case "invite-mismatch":
      return [{ field: "username", text: texts.mismatch(keptUsername(invite) ?? "") }];
    case "form-stale":
      return [{ text: texts.stale }];
    case "conflict":
      return [{ text: texts.busy }];
    case "too-many-requests":
      return [{ text: texts.tooOften(seconds) }];
    case "registration-refused":
      return [{ text: texts.refused(problem.detail) }];
    case "in-doubt":
      return [{ text: texts.inDoubt }];
    default:
      return [{
        text: problems[problem.code].status === 403 ? texts.refused(problem.detail) : texts.unavailable,
      }];
  }
}
