import { readable, textOn } from "./colours.ts";
import { baseStyles } from "./styles.ts";

/** Every colour of a page, by the name of its CSS variable. */
export const colourNames = [
  ...["ground", "card", "text", "soft", "line", "accent", "on-accent", "danger"] as const,
] as const;
export type Colours = Readonly<Record<typeof colourNames[number], string>>;

export const lightColours: Colours = {
  ground: "#f4f2ee",
  card: "#ffffff",
  text: "#1d2430",
  soft: "#566070",
  line: "#dcd8d0",
  accent: "#0b5f62",
  "on-accent": "#ffffff",
  danger: "#a3201d",
};
export const darkColours: Colours = {
  ground: "#14181d",
  card: "#1d232b",
  text: "#eceff3",
  soft: "#a6b0bd",
  line: "#333c48",
  accent: "#7fd6d2",
  "on-accent": "#06282a",
  danger: "#ff9d94",
};

/** What a host may have of its own: `#rrggbb` each, checked where the settings are read. */
export interface Theme {
  /** Taken as it is where it can be read, and made darker or lighter where it cannot. */
  readonly accent?: string | undefined;
  readonly light?: OwnColours | undefined;
  readonly dark?: OwnColours | undefined;
}
export type OwnColours = { readonly [K in keyof Colours]?: string | undefined };

/** The whole sheet of a host's pages. */
export function sheet({ accent, light, dark }: Theme = {}): string {
  return `${variables(colours(lightColours, accent, light))}@media(prefers-color-scheme:dark){${
    variables(colours(darkColours, accent, dark))
  }}${baseStyles}`;
}

/** The colours of one scheme: the host's own, those that follow from its accent, ours. */
export function colours(
  ours: Colours,
  accent: string | undefined,
  own: OwnColours = {},
): Colours {
  const plain: Colours = { ...ours, ...own as Partial<Colours> };
  const chosen = own.accent ?? (accent && readable(accent, [plain.card, plain.ground]));
  if (chosen === undefined) return plain;
  return { ...plain, accent: chosen, "on-accent": own["on-accent"] ?? textOn(chosen) };
}

const variables = (all: Colours): string =>
  `:root{${colourNames.map((name) => `--${name}:${all[name]}`).join(";")}}`;
