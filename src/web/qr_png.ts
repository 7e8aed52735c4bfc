import { encode } from "fast-png";
import { qrModules } from "./qr.ts";

/** A text as a QR code: a PNG of one bit a pixel, `size` pixels wide and high, each module a whole number of them. */
export function qrPng(text: string, size: number): Uint8Array<ArrayBuffer> {
  const { data, size: dark, quiet } = qrModules(text);
  const modules = dark + 2 * quiet;
  const scale = Math.max(1, Math.floor(size / modules));
  const width = Math.max(size, modules);
  const margin = Math.floor((width - modules * scale) / 2);
  const stride = Math.ceil(width / 8);
  const pixels = new Uint8Array(stride * width).fill(255);
  data.forEach((row, y) => {
    const start = (margin + (quiet + y) * scale) * stride;
    row.forEach((isDark, x) => {
      if (!isDark) return;
      const from = margin + (quiet + x) * scale;
      for (let px = from; px < from + scale; px++) {
        pixels[start + (px >> 3)]! &= ~(128 >> (px & 7));
      }
    });
    for (let line = 1; line < scale; line++) pixels.copyWithin(start + line * stride, start, start + stride);
  });
  return encode({ width, height: width, data: pixels, depth: 1, channels: 1 }) as Uint8Array<ArrayBuffer>;
}
