import assert from "node:assert/strict";
import { makeTemplate } from "../../src/web/template.ts";

Deno.test("what a page is filled with is escaped in text and attributes, unless it is HTML already", () => {
  const fill = makeTemplate(["name", "code"], ({ name, code }) => (
    <p title={name}>
      {`<b>${name}`} {code}
    </p>
  ));
  const values = { name: `"'<i>&`, code: { html: "<svg></svg>" } };
  assert.equal(
    fill(values),
    `<p title="&#34;&#39;&#60;i&#62;&#38;">&lt;b&gt;&#34;&#39;&#60;i&#62;&#38; <svg></svg></p>`,
  );
  assert.equal(
    fill({ name: "", code: "\u{E000}name\u{E001}" }),
    `<p title="">&lt;b&gt; \u{E000}name\u{E001}</p>`,
  );
});
