import Negotiator from "negotiator";
import { de } from "./languages/de.ts";
import { en } from "./languages/en.ts";
import { es } from "./languages/es.ts";
import { fr } from "./languages/fr.ts";

/** All that pages say, in one language; `en` is the pattern for the others. */
export type Words = typeof en;

/** Every language there is, by its tag (RFC 5646). A new one is a file in languages/ and a line here. */
const languages: Readonly<Record<string, Words>> = { en, de, fr, es };

/** The tags, the first being what is spoken to those who ask for none of them. */
export const languageTags: readonly string[] = Object.keys(languages);

/** A language, and what it is called in a page. */
export interface Language {
  readonly tag: string;
  readonly words: Words;
}

/** All of them, in the order that pages name them. */
export const allLanguages: readonly Language[] = Object.entries(languages).map(([tag, words]) => ({
  tag,
  words,
}));

/**
 * The language that a visitor reads best.
 * @param asked what the address says (`lang`), before the header
 * @param header `Accept-Language` (RFC 9110, 12.5.4)
 * @param fallback the tag for those who ask for none of ours
 */
export function chooseLanguage(asked: string | undefined, header = "", fallback = "en"): Language {
  const known = asked !== undefined && Object.hasOwn(languages, asked) ? asked : undefined;
  const heard = header.slice(0, 1_000);
  const tags = [fallback, ...languageTags];
  const tag = known ?? new Negotiator({ headers: { "accept-language": heard || fallback } }).language(tags) ??
    fallback;
  return { tag, words: languages[tag] ?? en };
}
