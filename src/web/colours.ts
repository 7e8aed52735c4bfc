/** A colour as `#rrggbb`. */
type Hex = string;

const parse = (hex: Hex): [number, number, number] => {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

const show = (parts: readonly number[]): Hex =>
  "#" + parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");

/** Relative luminance, 0 to 1 (WCAG 2.2). */
function luminance(hex: Hex): number {
  const [r, g, b] = parse(hex).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

/** How well one is read on the other: 1 to 21 (WCAG 2.2, 1.4.3 asks for 4.5 of text, 3 of large text and edges). */
export function contrast(a: Hex, b: Hex): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const enough = 4.6;

/** The colour itself if it is read well on all of `grounds`, else as little darker or lighter as it takes. */
export function readable(colour: Hex, grounds: readonly Hex[]): Hex {
  const goal = grounds.every((ground) => contrast(ground, "#000000") > contrast(ground, "#ffffff")) ? 0 : 255;
  const parts = parse(colour);
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = show(parts.map((part) => part + (goal - part) * share));
    if (grounds.every((ground) => contrast(mixed, ground) >= enough)) return mixed;
  }
  return goal === 0 ? "#000000" : "#ffffff";
}

/** Black or white, whichever is read better on it. */
export const textOn = (colour: Hex): Hex =>
  contrast(colour, "#000000") > contrast(colour, "#ffffff") ? "#000000" : "#ffffff";
