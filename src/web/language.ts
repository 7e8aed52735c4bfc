import { LRUCache } from "lru-cache";
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
  const tag = known ?? preferred(header.slice(0, 1_000), fallback);
  return { tag, words: languages[tag] ?? en };
}

const heard = new LRUCache<string, string>({ max: 500 }); // browsers send the same few headers

function preferred(header: string, fallback: string): string {
  const key = `${fallback} ${header}`;
  const before = heard.get(key);
  if (before !== undefined) return before;
  const negotiator = new Negotiator({ headers: { "accept-language": header || fallback } });
  const tag = negotiator.language([fallback, ...languageTags]) ?? fallback;
  heard.set(key, tag);
  return tag;
}

const formats = new Map<string, Intl.DateTimeFormat>(); // as many as there are languages; each costs more to make than a whole page

/** A time as people read it in a language: day, hour and minute in UTC, which it says. */
export function formatTime(tag: string, time: number): string {
  let format = formats.get(tag);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(tag === "en" ? "en-GB" : tag, {
      ...{ dateStyle: "long", timeStyle: "short", timeZone: "UTC" },
    });
    formats.set(tag, format);
  }
  return `${format.format(time)} UTC`;
}
