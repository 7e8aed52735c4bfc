import type { Platform } from "../core/platforms.ts";

/** A chat app. */
export interface App {
  /** Its name in addresses: `/invite/TOKEN/ID`. */
  readonly id: string;
  readonly name: string;
  /** Where to get it, for each platform that it runs on. */
  readonly download: Readonly<Partial<Record<Platform, readonly string[]>>>;
  /** Whether it opens `xmpp:…?register;preauth=…` (XEP-0401, XEP-0445); others need an account made on the web. */
  readonly takesInvites: boolean;
}

const play = (id: string) => `https://play.google.com/store/apps/details?id=${id}`;
const fdroid = (id: string) => `https://f-droid.org/packages/${id}/`;
const apple = (id: number) => `https://apps.apple.com/app/id${id}`;

/** The apps that pages name where nobody says otherwise: those that take invites, then those that do not. */
const known: readonly App[] = [
  {
    id: "conversations",
    name: "Conversations",
    download: { android: [play("eu.siacs.conversations"), fdroid("eu.siacs.conversations")] },
    takesInvites: true,
  },
  {
    id: "cheogram",
    name: "Cheogram",
    download: { android: [fdroid("com.cheogram.android"), play("com.cheogram.android.playstore")] },
    takesInvites: true,
  },
  {
    id: "yaxim",
    name: "yaxim",
    download: { android: [play("org.yaxim.androidclient"), fdroid("org.yaxim.androidclient")] },
    takesInvites: true,
  },
  {
    id: "monal",
    name: "Monal",
    download: { ios: [apple(317711500)], macos: [apple(1637078500)] },
    takesInvites: true,
  },
  {
    id: "siskin-im",
    name: "Siskin IM",
    download: { ios: [apple(1153516838)] },
    takesInvites: true,
  },
  {
    id: "beagle-im",
    name: "Beagle IM",
    download: { macos: [apple(1445349494)] },
    takesInvites: false,
  },
  {
    id: "gajim",
    name: "Gajim",
    download: {
      windows: ["https://gajim.org/download/"],
      linux: ["https://gajim.org/download/"],
      macos: ["https://gajim.org/download/"],
    },
    takesInvites: false,
  },
  {
    id: "dino",
    name: "Dino",
    download: { linux: ["https://dino.im/"] },
    takesInvites: false,
  },
  {
    id: "movim",
    name: "Movim",
    download: { web: ["https://movim.eu/"] },
    takesInvites: false,
  },
  {
    id: "converse",
    name: "Converse",
    download: { web: ["https://conversejs.org/"] },
    takesInvites: false,
  },
];

/** What a host says of apps; see settings/pages.ts. */
export interface AppSettings {
  readonly "pages.site_apps": readonly {
    readonly name: string;
    readonly download: Readonly<Partial<Record<Platform, string>>>;
    readonly takes_invites: boolean;
  }[];
  readonly "pages.site_apps_show"?: readonly string[] | undefined;
  readonly "pages.site_apps_hide": readonly string[];
}

/** The apps that a host's pages name: its own before ours, those that take invites before those that do not. */
export function appsOf(settings: AppSettings): readonly App[] {
  const own = settings["pages.site_apps"].map(({ name, download, takes_invites }): App => ({
    ...{ id: appId(name), name, takesInvites: takes_invites },
    download: Object.fromEntries(Object.entries(download).map(([platform, link]) => [platform, [link]])),
  }));
  const show = settings["pages.site_apps_show"];
  const hide = settings["pages.site_apps_hide"];
  return [...own, ...known.filter(({ id }) => !own.some((app) => app.id === id))]
    .filter(({ id }) => (show?.includes(id) ?? true) && !hide.includes(id))
    .toSorted((a, b) => Number(b.takesInvites) - Number(a.takesInvites));
}

/** A name as it stands in an address: `Siskin IM` is `siskin-im`. */
export const appId = (name: string): string =>
  name.toLowerCase().replaceAll(/[^\p{Letter}\p{Number}]+/gu, "-").replace(/^-+|-+$/g, "");
