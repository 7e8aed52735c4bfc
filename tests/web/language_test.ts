import assert from "node:assert/strict";
import { pageSettings } from "../../src/settings/pages.ts";
import { allLanguages, chooseLanguage, formatTime, languageTags } from "../../src/web/language.ts";

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

Deno.test("each language says everything, uses all that it is given, and none is English by mistake", () => {
  const texts = (words: object, path = ""): [string, unknown][] =>
    Object.entries(words).flatMap(([name, value]) =>
      typeof value === "object" && value !== null
        ? texts(value, `${path}${name}.`)
        : [[path + name, value] as [string, unknown]]
    );
  const english = new Map(texts(allLanguages[0]!.words));
  const same = new Set<string>(); // where two languages happen to agree
  for (const { tag, words } of allLanguages) {
    const said = texts(words);
    assert.deepEqual(said.map(([name]) => name).toSorted(), [...english.keys()].toSorted(), tag);
    for (const [name, text] of said) {
      if (typeof text === "function") {
        const given = Array.from({ length: text.length }, (_, i) => `<given ${i}>`);
        const full = text(...given) as string;
        assert.equal(text.length, (english.get(name) as () => void).length, `${tag} ${name}`);
        for (const one of given) assert.ok(full.includes(one), `${tag} ${name} does not say ${one}`);
        assert.doesNotMatch(full, /undefined|\[object/);
        continue;
      }
      assert.ok(typeof text === "string" && text.trim() === text && text !== "", `${tag} ${name}`);
      if (tag !== "en" && text === english.get(name) && text.includes(" ")) same.add(`${tag} ${name}`);
    }
  }
  assert.deepEqual([...same], []);
});

Deno.test("French signs are not torn from their words at the end of a line", () => {
  const french = Deno.readTextFileSync("src/web/languages/fr.ts").replace(/\\" & ' \/ : < > @/g, "");
  assert.ok(french.includes("\u202f?"));
  assert.deepEqual(french.match(/[^\n]* [?!;:](?=[ "`])[^\n]*/g), null);
});

Deno.test("the languages that settings take are those that there are, and each has its own dates", () => {
  const setting = pageSettings["pages.language"].type;
  assert.deepEqual([...setting.options], [...languageTags]);
  const time = Date.UTC(2026, 2, 5, 14, 7);
  assert.deepEqual(languageTags.map((tag) => formatTime(tag, time)), [
    "5 March 2026 at 14:07 UTC",
    "5. März 2026 um 14:07 UTC",
    "5 mars 2026 à 14:07 UTC",
    "5 de marzo de 2026, 14:07 UTC",
  ]);
});
