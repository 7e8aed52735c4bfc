import { LRUCache } from "lru-cache";
import { encode } from "uqr";

// Choosing the best of eight masks takes ten times as long as all the rest, and readers take any of them.
const maskPattern = 2;

const drawn = new LRUCache<string, string>({ max: 500 }); // one link is opened by people, previews and scanners

/**
 * A text as a QR code (ISO/IEC 18004, level M): an SVG with one path, four modules of quiet zone around it.
 * @param label what a screen reader says
 */
export function qrSvg(text: string, label: string): string {
  const path = drawn.get(text) ?? draw(text);
  drawn.set(text, path);
  return `<svg xmlns="http://www.w3.org/2000/svg" ${
    path.replace(">", ` role="img" aria-label="${escapeXml(label)}">`)
  }</svg>`;
}

function draw(text: string): string {
  const { data, size } = encode(text, { ecc: "M", border: 4, maskPattern });
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!data[y]?.[x]) continue;
      const from = x;
      while (data[y]?.[x + 1]) x++;
      path += `M${from} ${y}h${x + 1 - from}v1h-${x + 1 - from}z`;
    }
  }
  return `viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path d="${path}"/>`;
}

const escapeXml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
