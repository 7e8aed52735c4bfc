import assert from "node:assert/strict";
import { decode } from "fast-png";
import jsqr from "jsqr";

// Its types say that the module is the function; under Deno that is its default.
const read = jsqr as unknown as typeof jsqr.default;

/** What a reader finds in an SVG of rows of lines, as web/qr.ts draws them. */
export function readSvg(svg: string, scale = 4): string | undefined {
  const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  const width = size * scale;
  const pixels = new Uint8ClampedArray(width ** 2 * 4).fill(255);
  const [, path = ""] = /<path stroke="#000" d="([^"]+)"/.exec(svg) ?? [];
  let [x, y] = [0, 0];
  for (const [, command, a, , b] of path.matchAll(/([Mmh])(\d+)( (\d+)(?:\.5)?)?/g)) {
    if (command === "M") [x, y] = [Number(a), Number(b)];
    if (command === "m") x += Number(a);
    if (command !== "h") continue;
    for (let py = y * scale; py < (y + 1) * scale; py++) {
      for (let px = x * scale; px < (x + Number(a)) * scale; px++) {
        pixels.fill(0, (py * width + px) * 4, (py * width + px) * 4 + 3);
      }
    }
    x += Number(a);
  }
  return read(pixels, width, width)?.data;
}

/** What a reader finds in a PNG of one bit a pixel. */
export function readPng(bytes: Uint8Array): { text: string | undefined; size: number } {
  const { width, height, depth, channels, data } = decode(bytes);
  assert.deepEqual([height, depth, channels], [width, 1, 1]);
  const stride = Math.ceil(width / 8);
  const pixels = new Uint8ClampedArray(width ** 2 * 4).fill(255);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const isLight = (Number(data[y * stride + (x >> 3)]) >> (7 - (x & 7))) & 1;
      if (!isLight) pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { text: read(pixels, width, width)?.data, size: width };
}
