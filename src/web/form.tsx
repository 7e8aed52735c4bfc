import type { Child } from "hono/jsx";

/** One question of a form. What it says comes from the words of a language; all of it is escaped. */
export interface FieldProps {
  /** Its name in the form, and its `id`: unique in the page. */
  readonly name: string;
  readonly label: string;
  /** `password` never shows a value, whatever it is given. */
  readonly type?: "text" | "password" | "email" | "number" | "area" | "checkbox";
  readonly value?: string | undefined;
  readonly checked?: boolean;
  /** What helps before anything is wrong. */
  readonly hint?: string | undefined;
  /** What is wrong and what to do; the field is then `aria-invalid`. */
  readonly error?: string | undefined;
  /** What stands behind the input, such as `@example.org`. */
  readonly suffix?: string | undefined;
  readonly required?: boolean;
  /** WCAG 1.3.5: `username`, `new-password`, … */
  readonly autocomplete?: string;
  readonly inputmode?: "text" | "numeric" | "email" | "none";
  readonly autocapitalize?: "none";
  readonly spellcheck?: false;
  readonly minlength?: number;
  readonly maxlength?: number;
  readonly readonly?: boolean;
  readonly autofocus?: boolean;
}

/** A label, a hint, an error and an input, tied together for screen readers (WCAG 1.3.1, 3.3.1, 3.3.2). */
export function Field(field: FieldProps) {
  const { name, label, type = "text", hint, error, suffix } = field;
  const suffixId = suffix === undefined ? undefined : `${name}-suffix`;
  const hintId = hint === undefined ? undefined : `${name}-hint`;
  const errorId = error === undefined ? undefined : `${name}-error`;
  const described = [suffixId, hintId, errorId].filter((id) => id !== undefined).join(" ") || undefined;
  const input = <Input field={field} described={described} />;
  const isBox = type === "checkbox";
  return (
    <div class={error === undefined ? "field" : "field wrong"}>
      {isBox
        ? (
          <label class="box" for={name}>
            {input} <span>{label}</span>
          </label>
        )
        : <label for={name}>{label}</label>}
      {hint !== undefined && <p class="soft" id={hintId}>{hint}</p>}
      {error !== undefined && <p class="error" id={errorId}>{error}</p>}
      {isBox ? null : suffix === undefined ? input : (
        <div class="with-suffix">
          {input}
          <span class="soft" id={suffixId}>{suffix}</span>
        </div>
      )}
    </div>
  );
}

function Input({ field, described }: { field: FieldProps; described: string | undefined }) {
  const { name, label: _, hint: _hint, error, suffix: _suffix, type = "text", value, spellcheck, ...rest } =
    field;
  const told = {
    ...rest,
    id: name,
    name,
    // Typed as a boolean, of which false would be left out: it has to be the word.
    ...(spellcheck === false && { spellcheck: "false" as unknown as boolean }),
    ...(described !== undefined && { "aria-describedby": described }),
    ...(error !== undefined && { "aria-invalid": "true" as const }),
  };
  if (type === "area") return <textarea rows={4} {...told}>{value}</textarea>;
  const shown = type === "password" || value === undefined ? {} : { value };
  return <input type={type} {...told} {...shown} />;
}

/** A mistake, and the field that it is in; without one it is of the whole form. */
export interface FieldError {
  readonly field?: string;
  readonly text: string;
}

/** All mistakes above the form: read out at once, focused, each a link to its field. Nothing if there are none. */
export function ErrorSummary({ title, errors }: { title: string; errors: readonly FieldError[] }) {
  if (errors.length === 0) return null;
  return (
    <div class="errors" id="errors" role="alert" tabindex={-1} autofocus aria-labelledby="errors-title">
      <h2 id="errors-title">{title}</h2>
      <ul>
        {errors.map(({ field, text }) => (
          <li>{field === undefined ? text : <a href={`#${field}`}>{text}</a>}</li>
        ))}
      </ul>
    </div>
  );
}

/** What sends the form; `second` is for what hardly anybody wants. */
export function SubmitButton(
  { name, value, second, children }: { name?: string; value?: string; second?: boolean; children?: Child },
) {
  return (
    <button class={second ? "button second" : "button"} type="submit" {...(name && { name, value })}>
      {children}
    </button>
  );
}
