import { z } from "zod";
import { ofHost, optional, path, setting } from "./types.ts";

const aColour = 'expected a colour such as "#0b5f62"';
const colour = z.string(aColour).regex(/^#[0-9a-fA-F]{6}$/, aColour).transform((text) => text.toLowerCase());
const colours = z.strictObject({
  ground: colour.optional(),
  card: colour.optional(),
  text: colour.optional(),
  soft: colour.optional(),
  line: colour.optional(),
  accent: colour.optional(),
  "on-accent": colour.optional(),
  danger: colour.optional(),
}, "expected a table of colours");
const aName = "expected 1 to 100 characters";
const siteName = z.string(aName).trim().min(1, aName).max(100, aName);
const aContact = 'expected an address such as "mailto:help@example.org", "xmpp:…" or "https://…"';
const contact = z.string(aContact).regex(/^(mailto:|xmpp:|https?:\/\/)[\x21-\x7e]+$/, aContact);
const aLink = 'expected an address such as "https://example.org/app"';
const link = z.url({ protocol: /^https$/, error: aLink });

export const platforms = ["android", "ios", "macos", "windows", "linux", "web"] as const;
const platform = z.enum(platforms, { error: `expected one of ${platforms.join(", ")}` });
const app = z.strictObject({
  name: z.string(aName).trim().min(1, aName).max(50, "expected 50 characters at most"),
  download: z.partialRecord(platform, link, "expected a table from platforms to addresses")
    .refine((all) => Object.keys(all).length > 0, "expected an address for at least one platform"),
  takes_invites: z.boolean("expected true or false").default(false),
}, 'expected a table with "name" and "download"');
const appId = z.string("expected the name of an app").transform((name) => name.toLowerCase());
const appIds = z.array(appId, "expected a list of apps").max(100, "expected 100 apps at most");

/** What people see. */
export const pageSettings = {
  "pages.site_name": ofHost(optional({
    type: siteName,
    meaning: "What the place is called on its pages. Without it, the domain.",
  })),
  "pages.logo": ofHost(optional({
    type: path,
    meaning: "An SVG, PNG or WebP file of at most 256 KiB that stands on top of every page.",
  })),
  "pages.accent": ofHost(optional({
    type: colour,
    meaning: "The colour of buttons and links. Where it could not be read it is made darker or lighter.",
  })),
  "pages.theme": ofHost(optional({
    type: colours,
    meaning: "A table of colours, each taken as it is: `ground`, `card`, `text`, `soft`, `line`, `accent`, " +
      "`on-accent`, `danger`.",
  })),
  "pages.theme_dark": ofHost(optional({
    type: colours,
    meaning: "The same for people whose system is dark.",
  })),
  "pages.contact": ofHost(optional({
    type: contact,
    meaning: "Whom people may ask if an invite does not work: `mailto:…`, `xmpp:…` or a web address.",
  })),
  "pages.language": ofHost(setting({
    type: z.enum(["en", "de", "fr", "es"], { error: "expected en, de, fr or es" }),
    default: "en",
    meaning: "The language for visitors whose browser asks for none of ours: `en`, `de`, `fr` or `es`.",
  })),
  "pages.site_apps": ofHost(setting({
    type: z.array(app, "expected a list of tables").max(50, "expected 50 apps at most"),
    default: [],
    meaning: "Apps of your own, before ours; see [pages.md](pages.md#apps).",
  })),
  "pages.site_apps_show": ofHost(optional({
    type: appIds,
    meaning:
      "The apps that are shown, by the names in their addresses, such as `conversations`. Without it, all.",
  })),
  "pages.site_apps_hide": ofHost(setting({
    type: appIds,
    default: [],
    meaning: "The apps that are not shown.",
  })),
} as const;
