import assert from "node:assert/strict";
import { chooseLanguage } from "../../src/web/language.ts";

Deno.test("a visitor is spoken to in the language of the address, else of the browser, else of the host", () => {
  for (
    const [asked, header, fallback, tag] of [
      [undefined, "de-AT,en;q=0.5", undefined, "de"],
      [undefined, "pt,fr;q=0.8,en;q=0.9", undefined, "en"],
      ["es", "de", undefined, "es"],
      ["xx", "de", undefined, "de"],
      ["constructor", "fr", undefined, "fr"],
      [undefined, "pt-BR", "fr", "fr"],
      [undefined, undefined, undefined, "en"],
      [undefined, "*", "de", "de"],
      [undefined, "en;q=0, *;q=0.1", "en", "de"],
      [undefined, "\u0000;;;,,q=", "es", "es"],
      [undefined, "x".repeat(100_000), undefined, "en"],
    ] as const
  ) assert.equal(chooseLanguage(asked, header, fallback).tag, tag, `${asked} ${header} ${fallback}`);
});
