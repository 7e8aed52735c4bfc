import { sheet, type Theme } from "./theme.ts";

/** What a host's pages have of its own. */
export interface Site {
  /** The XMPP domain. */
  readonly domain: string;
  /** What the place is called: `pages.site_name`, or the domain. */
  readonly name: string;
  /** The path of its logo, from the root of the server that people see. */
  readonly logo?: string | undefined;
  /** Whom to ask: an address such as `mailto:help@example.org`. */
  readonly contact?: string | undefined;
  /** The language for those who ask for none of ours. */
  readonly language: string;
  /** What stands before the path of every link: empty, or such as `/chat` if the public address has a path. */
  readonly base: string;
  /** The whole sheet, which is in every page. */
  readonly styles: string;
  /** Whether pages say the name on top. */
  readonly hasHeader: boolean;
}

/** The settings that a site is made of; see settings/pages.ts. */
export interface SiteSettings {
  readonly "pages.site_name"?: string | undefined;
  readonly "pages.logo"?: string | undefined;
  readonly "pages.accent"?: Theme["accent"];
  readonly "pages.theme"?: Theme["light"];
  readonly "pages.theme_dark"?: Theme["dark"];
  readonly "pages.contact"?: string | undefined;
  readonly "pages.language": string;
}

interface Served {
  readonly domain: string;
  readonly publicUrl: string;
  readonly settings: SiteSettings;
}

/** The site of each host that is served. */
export type SiteOf = (domain: string) => Site;

/** @param addLogo takes a file's path and answers the name it is served under below `/assets/` */
export function createSites(hosts: readonly Served[], addLogo: (path: string) => string): SiteOf {
  const sites = new Map(hosts.map((host) => [host.domain, makeSite(host, addLogo)]));
  return (domain) => {
    const site = sites.get(domain);
    if (!site) throw new Error(`${domain} is not served`);
    return site;
  };
}

function makeSite({ domain, publicUrl, settings }: Served, addLogo: (path: string) => string): Site {
  const base = new URL(publicUrl).pathname.replace(/\/+$/, "");
  const logo = settings["pages.logo"];
  const name = settings["pages.site_name"];
  return {
    domain,
    name: name ?? domain,
    logo: logo === undefined ? undefined : `${base}/assets/${addLogo(logo)}`,
    contact: settings["pages.contact"],
    language: settings["pages.language"],
    base,
    styles: sheet({
      accent: settings["pages.accent"],
      light: settings["pages.theme"],
      dark: settings["pages.theme_dark"],
    }),
    hasHeader: name !== undefined || logo !== undefined,
  };
}
