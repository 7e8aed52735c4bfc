import assert from "node:assert/strict";
import { ErrorSummary, Field, SubmitButton } from "../../src/web/form.tsx";

const shown = (page: unknown) => String(page);

Deno.test("a field's label, hint, error and suffix belong to its input", () => {
  const html = shown(
    <Field name="username" label="Name" hint="Letters" error="Taken" suffix="@example.org" required />,
  );
  assert.match(html, /<label for="username">Name<\/label>/);
  assert.match(html, /id="username-hint">Letters</);
  assert.match(html, /id="username-error">Taken</);
  assert.match(html, /<input [^>]*aria-describedby="username-suffix username-hint username-error"/);
  assert.match(html, /<input [^>]*aria-invalid="true"/);
  assert.match(html, /<input [^>]*required=/);
  assert.ok(!shown(<Field name="username" label="Name" />).includes("aria-"));
});

Deno.test("a password is never echoed, and whatever else is echoed is escaped", () => {
  assert.ok(
    !shown(<Field name="password" label="Password" type="password" value="hunter2" />).includes("hunter2"),
  );
  const evil = `"><script>alert(1)</script></textarea>`;
  for (const type of ["text", "area", "checkbox"] as const) {
    const html = shown(
      <Field name="a" label={evil} type={type} value={evil} hint={evil} error={evil} suffix={evil} />,
    );
    assert.ok(!html.includes("<script"), html);
    assert.equal(html.match(/<\/textarea>/g)?.length, type === "area" ? 1 : undefined);
  }
});

Deno.test("all mistakes stand together, are read out, take the focus and lead to their fields", () => {
  const html = shown(
    <ErrorSummary title="Not yet" errors={[{ field: "username", text: "Taken" }, { text: "<b>Busy</b>" }]} />,
  );
  assert.match(html, /<div [^>]*role="alert" tabindex="-1" autofocus/);
  assert.ok(html.includes(`<a href="#username">Taken</a>`));
  assert.ok(html.includes("<li>&lt;b&gt;Busy"));
  assert.equal(shown(<ErrorSummary title="Not yet" errors={[]} />), "");
  assert.match(
    shown(<SubmitButton name="do" value="it">Go</SubmitButton>),
    /type="submit" name="do" value="it">Go/,
  );
});
