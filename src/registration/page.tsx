import { AppList, appsFor, type ListedApp } from "../web/app_list.tsx";
import { CopyButton, copyScript, Said } from "../web/copy.tsx";
import { ErrorSummary, Field, type FieldError, SubmitButton } from "../web/form.tsx";
import type { Language, Words } from "../web/language.ts";
import { Page } from "../web/page.tsx";
import type { Platform } from "../core/platforms.ts";
import type { Site } from "../web/site.ts";
import type { Mistake, Terms } from "./mistakes.ts";
import { type Invite, keptUsername, type Registered } from "./registration.ts";

/** Whose page it is, and for whom. */
export interface View {
  readonly site: Site;
  readonly language: Language;
  /** The address of this page in another language. */
  readonly inLanguage: (tag: string) => string;
}

/** What a form has beside what it shows. */
export interface FormView extends View {
  readonly invite: Invite;
  readonly terms: Terms;
  /** What was typed as the username. */
  readonly username?: string | undefined;
  readonly errors?: readonly FieldError[];
  /** Whether something may have been done all the same. */
  readonly inDoubt?: boolean;
  readonly hidden: Readonly<Record<string, string>>;
}

/** Shows what is typed as the password, for those whose browser runs scripts; without one it is asked for twice. */
export const showPassword =
  `{const box=document.getElementById("show"),field=document.getElementById("password");
box.parentNode.parentNode.hidden=false;box.onchange=()=>{field.type=box.checked?"text":"password"};
field.form.addEventListener("submit",()=>{field.type="password"})}`;

/** The form that makes an account, or sets a password anew. */
export function RegistrationPage(view: FormView) {
  const { site, language: { tag, words }, inLanguage, invite, terms, errors = [] } = view;
  const texts = words.registration;
  const kept = keptUsername(invite);
  const isReset = invite.type === "reset";
  const title = isReset ? texts.resetTitle(invite.jid) : texts.title(site.name);
  const errorOf = (name: string) => errors.find(({ field }) => field === name)?.text;
  return (
    <Page title={title} lang={tag} site={site} words={words} inLanguage={inLanguage} script={showPassword}>
      <h1>{title}</h1>
      <p>
        {isReset
          ? texts.resetLead
          : kept === undefined
          ? texts.lead
          : texts.keptLead(`${kept}@${terms.host}`)}
      </p>
      {invite.type === "contact" && <p>{texts.contactLead(invite.jid)}</p>}
      <ErrorSummary title={texts.summary} errors={errors} />
      {errors.length > 0 && !view.inDoubt && <p class="soft">{texts.stillGood}</p>}
      <form method="post">
        {Object.entries(view.hidden).map(([name, value]) => (
          <input
            type="hidden"
            name={name}
            value={value}
          />
        ))}
        <Field
          name="username"
          label={texts.username}
          value={kept ?? view.username}
          suffix={`@${terms.host}`}
          hint={kept === undefined ? texts.usernameHint : undefined}
          error={errorOf("username")}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          readonly={kept !== undefined}
        />
        <Field
          name="password"
          type="password"
          label={isReset ? texts.newPassword : texts.password}
          hint={texts.passwordHint(terms.length)}
          error={errorOf("password")}
          autocomplete="new-password"
          required
        />
        <p hidden>
          <label class="box" for="show">
            <input type="checkbox" id="show" /> <span>{texts.show}</span>
          </label>
        </p>
        <noscript>
          <Field
            name="repeat"
            type="password"
            label={texts.repeat}
            error={errorOf("repeat")}
            autocomplete="new-password"
            required
          />
        </noscript>
        <SubmitButton>{isReset ? texts.resetSubmit : texts.submit}</SubmitButton>
      </form>
      {!isReset && (
        <p class="soft">
          <a href={invite.uri} rel="nofollow">{texts.inApp}</a>
        </p>
      )}
    </Page>
  );
}

/** The page of what was done, and what to do next. The password is not in it. */
export function DonePage(
  { site, language: { tag, words }, invite, done, apps, chosen, platform }: View & {
    readonly invite: Invite;
    readonly done: Registered;
    readonly apps: readonly ListedApp[];
    /** The one that was chosen on the page before. */
    readonly chosen?: ListedApp | undefined;
    readonly platform: Platform | undefined;
  },
) {
  const texts = words.registration.done;
  const title = done.reset ? texts.resetTitle : texts.title;
  const able = chosen ? chosen.takesInvites : appsFor(apps, platform).some((app) => app.takesInvites);
  return (
    <Page title={title} lang={tag} site={site} script={copyScript}>
      <h1>{title}</h1>
      <p>{done.reset ? texts.reset(done.jid) : texts.created}</p>
      <p class="address">
        <span>
          <span class="soft">{texts.address}:</span> <code id="address">{done.jid}</code>
        </span>
        <CopyButton of="address" words={words.landing} />
      </p>
      {invite.type === "contact" && <p>{texts.contact(invite.jid)}</p>}
      <h2>{texts.next}</h2>
      <ol>
        {!done.reset && (
          <li>
            {texts.install}
            <AppList
              {...{ apps: chosen ? [chosen] : apps, platform, words: words.landing }}
              link={({ download }, name) => ({ href: download[name]?.[0] ?? "" })}
            />
          </li>
        )}
        <li>{texts.signIn}</li>
        <li>{texts.enter}</li>
      </ol>
      {able && (
        <a class="button" href={accountUri(done.jid)}>{chosen ? texts.openApp(chosen.name) : texts.open}</a>
      )}
      <p class="soft">{texts.server(invite.host)}</p>
      <p class="soft">{texts.passwordKept}</p>
      <Said />
    </Page>
  );
}

/** The address as a link (RFC 5122): an app without an account begins with its sign-in. */
function accountUri(jid: string): string {
  const at = jid.lastIndexOf("@");
  return `xmpp:${encodeURIComponent(jid.slice(0, at))}@${encodeURIComponent(jid.slice(at + 1))}`;
}

/** A mistake in a language. */
export function mistakeText(
  { field, why }: Mistake,
  { registration }: Words,
  { host, length }: Terms,
): string {
  if (field === "repeat") return registration.mistakes.repeat;
  const texts: Partial<Record<string, string | ((given: never) => string)>> = registration.mistakes[field];
  const text = texts[why] ?? "";
  if (typeof text === "string") return text;
  return (text as (given: string | number) => string)(why === "too-short" ? length : host);
}
