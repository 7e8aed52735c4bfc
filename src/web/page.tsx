import { hash } from "node:crypto";
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { allLanguages, type Words } from "./language.ts";
import type { Site } from "./site.ts";
import { sheet } from "./theme.ts";

export interface PageProps {
  readonly title: string;
  /** RFC 5646. */
  readonly lang?: string;
  /** Whose page it is: its name, logo and colours. */
  readonly site?: Site | undefined;
  /** For the frame's own words, which are in the switch of languages. */
  readonly words?: Words;
  /** This page's address in a language: with it and `words`, there is a switch. */
  readonly inLanguage?: (tag: string) => string;
  /** A sentence for link previews; no secrets. */
  readonly description?: string | undefined;
  /** An inline script, which `pageHeaders` has to be told of too. Every page works without it. */
  readonly script?: string | undefined;
  readonly children?: Child;
}

/** A whole page: title, landmarks, and the styles within, so that one request paints it. */
export function Page(
  { title, lang = "en", site, words, inLanguage, description, script, children }: PageProps,
) {
  return (
    <>
      {raw("<!DOCTYPE html>")}
      <html lang={lang}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{title}</title>
          <link rel="icon" href={site?.logo ?? "data:,"} />
          {description !== undefined && (
            <>
              <meta name="description" content={description} />
              <meta property="og:type" content="website" />
              <meta property="og:title" content={title} />
              <meta property="og:description" content={description} />
              {site && <meta property="og:site_name" content={site.name} />}
            </>
          )}
          <style>{raw(site?.styles ?? plain())}</style>
        </head>
        <body>
          {site?.hasHeader && (
            <header>
              {site.logo !== undefined && <img src={site.logo} alt="" height={40} />}
              <span>{site.name}</span>
            </header>
          )}
          <main>{children}</main>
          {words && inLanguage && <Languages lang={lang} words={words} inLanguage={inLanguage} />}
          {script !== undefined && <script>{raw(script)}</script>}
        </body>
      </html>
    </>
  );
}

/** Plain links, so that nobody needs JavaScript for their language. */
function Languages(
  { lang, words, inLanguage }: { lang: string; words: Words; inLanguage: (tag: string) => string },
) {
  return (
    <footer>
      <nav aria-label={words.page.language}>
        <ul>
          {allLanguages.map(({ tag, words: { name } }) => (
            <li>
              <a
                href={inLanguage(tag)}
                hreflang={tag}
                lang={tag}
                rel="nofollow"
                aria-current={tag === lang ? "true" : undefined}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </footer>
  );
}

let plainSheet: string | undefined;
const plain = () => plainSheet ??= sheet();

const nobody = {};
const policies = new WeakMap<object, Map<string, string>>(); // of each site, for each kind of page

/** What else a page may do. */
export interface PageRights {
  readonly site?: Site | undefined;
  /** Whether it has a form, which may be sent to us alone. */
  readonly forms?: boolean;
  /** The inline script that it has. */
  readonly script?: string | undefined;
}

/** Headers of every page: nothing may be loaded, framed, kept, indexed, or told where the visitor came from. */
export function pageHeaders({ site, forms = false, script }: PageRights = {}): Record<string, string> {
  const known = policies.get(site ?? nobody) ?? new Map<string, string>();
  policies.set(site ?? nobody, known);
  const key = `${forms}${script ?? ""}`;
  let policy = known.get(key);
  if (policy === undefined) {
    policy = [
      "default-src 'none'",
      `style-src '${sha256(site?.styles ?? plain())}'`,
      ...(script === undefined ? [] : [`script-src '${sha256(script)}'`]),
      `img-src data:${site?.logo === undefined ? "" : " 'self'"}`,
      "base-uri 'none'",
      `form-action ${forms ? "'self'" : "'none'"}`,
      "frame-ancestors 'none'",
    ].join("; ");
    known.set(key, policy);
  }
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
}

const sha256 = (text: string) => `sha256-${hash("sha256", text, "base64")}`;
