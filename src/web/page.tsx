import { hash } from "node:crypto";
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { styles } from "./styles.ts";

/** A whole page: title, one main landmark, and the styles within, so that one request paints it. */
export function Page({ title, lang = "en", children }: { title: string; lang?: string; children?: Child }) {
  return (
    <>
      {raw("<!DOCTYPE html>")}
      <html lang={lang}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{title}</title>
          <style>{raw(styles)}</style>
        </head>
        <body>
          <main>{children}</main>
        </body>
      </html>
    </>
  );
}

let policy: string | undefined;

/** Headers of every page: nothing may be loaded, framed, kept, indexed, or told where the visitor came from. */
export function pageHeaders(): Record<string, string> {
  policy ??= `default-src 'none'; style-src 'sha256-${
    hash("sha256", styles, "base64")
  }'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
}
