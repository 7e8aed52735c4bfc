import { LRUCache } from "lru-cache";
import { encode } from "uqr";
import { escapeHtml } from "./template.ts";

// Choosing the best of eight masks takes ten times as long as all the rest, and readers take any of them.
const maskPattern = 2;

const quiet = 4; // modules of light around it

/** The modules of a QR code (ISO/IEC 18004, level M), dark ones true, without the light ones around it. */
export const qrModules = (text: string): { data: boolean[][]; size: number; quiet: number } => ({
  ...encode(text, { ecc: "M", border: 0, maskPattern }),
  quiet,
});

const drawn = new LRUCache<string, string>({ max: 2_500 }); // 2 kB each; drawing one takes as long as all the rest of a page

/**
 * A text as a QR code: an SVG with one path.
 * @param label what a screen reader says
 */
export function qrSvg(text: string, label: string): string {
  const inside = drawn.get(text) ?? draw(text);
  drawn.set(text, inside);
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${
    escapeHtml(label)
  }" ${inside}</svg>`;
}

/** Each row is one line, as thick as a module, with gaps. */
function draw(text: string): string {
  const { data, size } = qrModules(text);
  const path: string[] = []; // joined, because a text that is added to is kept in all its pieces
  for (let y = 0; y < size; y++) {
    const row = data[y] ?? [];
    let end = -1; // where the pen is
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x++;
      path.push(end < 0 ? `M${from + quiet} ${y + quiet}.5h` : `m${from - end} 0h`, `${x + 1 - from}`);
      end = x + 1;
    }
  }
  const width = size + 2 * quiet;
  return `viewBox="0 0 ${width} ${width}" shape-rendering="crispEdges"><path stroke="#000" d="${
    path.join("")
  }"/>`;
}
