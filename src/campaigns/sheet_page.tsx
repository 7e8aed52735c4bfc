import { raw } from "hono/html";
import { createPace } from "../core/turn.ts";
import type { Language } from "../web/language.ts";
import { pageHeaders } from "../web/page.tsx";
import { qrSvg } from "../web/qr.ts";
import type { Site } from "../web/site.ts";
import type { SheetCard } from "./sheet.ts";

/** Headers of a sheet: as of any page, with the sheet's own styles. */
export const sheetHeaders = (site: Site) => pageHeaders({ site: { ...site, styles, logo: undefined } });

/**
 * A document in pieces, none of which takes long.
 * @param label what the campaign is for
 */
export async function* sheetOf(
  cards: readonly SheetCard[],
  { label, site, language }: { label: string | undefined; site: Site; language: Language },
): AsyncGenerator<string, void> {
  const pace = createPace();
  yield head(label === undefined ? site.name : `${site.name} · ${label}`, language);
  for (const card of cards) {
    yield String(<Card card={card} site={site} language={language} />);
    await pace();
  }
  yield "</ul></main></body></html>\n";
}

const head = (title: string, { tag, words }: Language) =>
  `<!DOCTYPE html><html lang="${tag}">${(
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{title}</title>
      <style>{raw(styles)}</style>
    </head>
  )}<body>${(
    <header>
      <h1>{title}</h1>
      <p>{words.sheet.hint}</p>
    </header>
  )}<main><ul>`;

/** To be cut out, and given to somebody. */
function Card({ card, site, language }: { card: SheetCard; site: Site; language: Language }) {
  const words = language.words.sheet;
  const heading = card.from === undefined ? words.account(site.name) : words.contact(card.from);
  return (
    <li>
      {raw(qrSvg(card.link, words.code))}
      <div>
        <h2>{heading}</h2>
        <p>{words.scan}</p>
        <p class="link">{card.link}</p>
        <p class="soft">
          {card.expires_at !== null && words.until(dateOf(card.expires_at, language.tag))}
          {card.max_uses === 1 ? ` ${words.once}` : ""}
        </p>
      </div>
    </li>
  );
}

const formats = new Map<string, Intl.DateTimeFormat>(); // one costs more to make than a card

function dateOf(time: number, tag: string): string {
  let format = formats.get(tag);
  if (!format) {
    const [dateStyle, timeStyle] = ["long", "short"] as const;
    formats.set(
      tag,
      format = new Intl.DateTimeFormat(tag === "en" ? "en-GB" : tag, {
        dateStyle,
        timeStyle,
        timeZone: "UTC",
      }),
    );
  }
  return `${format.format(time)} UTC`;
}

// Two by four on A4 (210 × 297 mm) and on Letter (216 × 279 mm) alike.
const styles = `
@page{margin:10mm}
*{box-sizing:border-box}
body{margin:1rem auto;max-width:190mm;background:#fff;color:#111;font:10pt/1.35 system-ui,sans-serif}
header{margin-bottom:1rem}
h1{font-size:14pt;margin:0 0 .25rem}
header p{margin:0;color:#444}
ul{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:1fr 1fr;padding-right:.3mm}
li{height:62mm;padding:4mm;display:flex;gap:3mm;align-items:center;border:.3mm dashed #888;margin:0 -.3mm -.3mm 0;
break-inside:avoid;overflow:hidden}
svg{width:40mm;height:40mm;flex:none;background:#fff}
li div{min-width:0}
h2{font-size:11pt;line-height:1.2;margin:0 0 1.5mm;overflow-wrap:anywhere}
li p{margin:0 0 1.5mm}
.link{font:7.5pt/1.3 ui-monospace,monospace;overflow-wrap:anywhere}
.soft{font-size:8pt;color:#444}
@media(max-width:150mm){ul{grid-template-columns:1fr}}
@media print{header{display:none}body{margin:0;max-width:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`.trim();
