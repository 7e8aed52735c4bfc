import { ErrorSummary, Field, type FieldError, SubmitButton } from "../web/form.tsx";
import type { Language, Words } from "../web/language.ts";
import { Page } from "../web/page.tsx";
import type { Site } from "../web/site.ts";
import { type Asked, type JoinRequest, longest } from "./join_request.ts";

/** Whose page it is, and for whom. */
export interface View {
  readonly site: Site;
  readonly language: Language;
}

/** A field that nobody sees. */
interface Hidden {
  readonly name: string;
  readonly value: string;
}

const inLanguage = (lang: string) => `?lang=${lang}`;
const frame = ({ site, language: { tag, words } }: View) => ({ site, lang: tag, words, inLanguage });

/** The form for asking. */
export function JoinPage(
  { asked, errors, hidden, ...view }: View & {
    asked: Partial<Asked>;
    errors: readonly FieldError[];
    hidden: Hidden;
  },
) {
  const words = view.language.words.joining;
  const common = (name: keyof Asked) => ({
    ...{ name, value: asked[name], maxlength: longest[name] },
    error: errors.find(({ field }) => field === name)?.text,
  });
  const title = words.title(view.site.name);
  return (
    <Page {...frame(view)} title={title}>
      <h1>{title}</h1>
      <p>{words.lead}</p>
      <ErrorSummary title={words.summary} errors={errors} />
      <form method="post">
        <input type="hidden" {...hidden} />
        <Field {...common("name")} label={words.name} hint={words.nameHint} autocomplete="name" required />
        <Field
          {...common("username")}
          label={words.username}
          hint={words.usernameHint}
          suffix={`@${view.site.domain}`}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
        <Field {...common("reach")} label={words.reach} hint={words.reachHint} autocomplete="email" />
        <Field {...common("message")} type="area" label={words.message} hint={words.messageHint} />
        <p class="soft">{words.kept}</p>
        <SubmitButton>{words.submit}</SubmitButton>
      </form>
    </Page>
  );
}

/** How a request stands, for who has made it. */
export function JoinStatusPage(
  { request, hidden, address, ...view }: View & {
    request: JoinRequest;
    /** Of this page, to be kept. */
    address: string;
    hidden: Hidden;
  },
) {
  const words = view.language.words.joining;
  const { title, text } = words.states[request.state];
  return (
    <Page {...frame(view)} title={title}>
      <h1>{title}</h1>
      <p>{text}</p>
      {request.reason !== undefined && <blockquote>{request.reason}</blockquote>}
      {request.state === "waiting" && (
        <>
          <p>{words.keep}</p>
          <p>
            <code>{address}</code>
          </p>
        </>
      )}
      <form method="post">
        <input type="hidden" {...hidden} />
        <p class="soft">{words.withdrawHint}</p>
        <SubmitButton name="action" value="withdraw" second>{words.withdraw}</SubmitButton>
      </form>
    </Page>
  );
}

/** A page that only says something. */
export function JoinMessagePage(
  { message, ...view }: View & { message: keyof Words["joining"]["messages"] },
) {
  const { title, text } = view.language.words.joining.messages[message];
  return (
    <Page {...frame(view)} title={title}>
      <h1>{title}</h1>
      <p>{text}</p>
    </Page>
  );
}
