import assert from "node:assert/strict";
import fc from "fast-check";
import { contrast } from "../../src/web/colours.ts";
import { type Colours, colours, darkColours, lightColours, sheet } from "../../src/web/theme.ts";

/** WCAG 2.2: 1.4.3 of text, 1.4.11 of what shows where the focus and the edges of fields are. */
function assertReadable(all: Colours, what: string): void {
  for (const ground of [all.card, all.ground]) {
    for (const text of ["text", "soft", "accent", "danger"] as const) {
      assert.ok(contrast(all[text], ground) >= 4.5, `${what}: ${text} on ${ground}`);
    }
  }
  assert.ok(contrast(all["on-accent"], all.accent) >= 4.5, `${what}: a button's text`);
}

Deno.test("every text is read well in both schemes, and with whatever accent somebody chooses", () => {
  assert.equal(Math.round(contrast("#000000", "#ffffff")), 21);
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
  assertReadable(lightColours, "light");
  assertReadable(darkColours, "dark");
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
    const accent = `#${number.toString(16).padStart(6, "0")}`;
    assertReadable(colours(lightColours, accent, {}), `light ${accent}`);
    assertReadable(colours(darkColours, accent, {}), `dark ${accent}`);
  }));
});

Deno.test("an accent that is read well stays as it is, and a colour that is named is taken as it is", () => {
  assert.equal(colours(lightColours, "#0000aa", {}).accent, "#0000aa");
  assert.equal(colours(darkColours, "#0000aa", { accent: "#000001" }).accent, "#000001");
  assert.ok(sheet({ light: { card: "#fedcba" } }).startsWith(":root{--ground:#f4f2ee;--card:#fedcba;"));
});
