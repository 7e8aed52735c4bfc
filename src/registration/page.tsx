import { ErrorSummary, Field, type FieldError, SubmitButton } from "../web/form.tsx";
import type { Language, Words } from "../web/language.ts";
import { Page } from "../web/page.tsx";
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

/** An app, and where it is to be had, by platform. */
export interface NamedApp {
  /** Its name in addresses. */
  readonly id: string;
  readonly name: string;
  readonly download: Readonly<Record<string, readonly string[]>>;
}

/** The page of what was done, and what to do next. The password is not in it. */
export function DonePage(
  { site, language: { tag, words }, invite, done, apps }: View & {
    readonly invite: Invite;
    readonly done: Registered;
    /** The one that was chosen, or all to choose from. */
    readonly apps: readonly NamedApp[];
  },
) {
  const texts = words.registration.done;
  const title = done.reset ? texts.resetTitle : texts.title;
  return (
    <Page title={title} lang={tag} site={site}>
      <h1>{title}</h1>
      <p>{done.reset ? texts.reset(done.jid) : texts.created(done.jid)}</p>
      {invite.type === "contact" && <p>{texts.contact(invite.jid)}</p>}
      <h2>{texts.next}</h2>
      <ol>
        {!done.reset && (
          <li>
            {texts.install}
            <Apps apps={apps} words={words} />
          </li>
        )}
        <li>{texts.signIn}</li>
        <li>
          {texts.enter}
          <br />
          <span class="soft">{texts.address}:</span> <code>{done.jid}</code>
        </li>
      </ol>
      <p class="soft">{texts.server(invite.host)}</p>
      <p class="soft">{texts.passwordKept}</p>
    </Page>
  );
}

/** Each with its platforms, which lead to where it is to be had. */
function Apps({ apps, words }: { apps: readonly NamedApp[]; words: Words }) {
  const names: Readonly<Record<string, string>> = words.landing.platforms;
  return (
    <ul>
      {apps.map(({ name, download }) => (
        <li>
          {name}: {Object.entries(download).map(([platform, [link]], i) => (
            <>
              {i > 0 && ", "}
              <a href={link} rel="noreferrer nofollow">{names[platform] ?? platform}</a>
            </>
          ))}
        </li>
      ))}
    </ul>
  );
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
