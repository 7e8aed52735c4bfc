import { normaliseDomain } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";

/** Who decides about rosters: clients and the API, the API alone, or a web app that is asked for them. */
export const rosterPolicies = ["shared", "managed", "upstream"] as const;
export type RosterPolicy = typeof rosterPolicies[number];

/** How a host's rosters are kept. */
export interface RosterSettings {
  readonly policy: RosterPolicy;
  /** Where the web app tells a user's roster; `%s` stands for the username. */
  readonly http_roster_url?: string | undefined;
  /** Sent there as a Bearer token. */
  readonly http_roster_secret?: string | undefined;
  /** Where somebody else wants to hear which users' rosters have changed (mod_http_roster_admin's refresh). */
  readonly refresh_url?: string | undefined;
  /** Sent there as a Bearer token. */
  readonly refresh_secret?: string | undefined;
}

/** Which of users' stores may be read and written by HTTP. */
export interface DataSettings {
  /** By users, of their own; by admins and keys, of anybody. */
  readonly userStores: readonly string[];
  /** By admins and keys. */
  readonly adminStores: readonly string[];
}

/** A domain that is served. */
export interface Host {
  /** The XMPP domain, in lower case. */
  readonly domain: string;
  /** Where its pages are seen from outside, without a slash at the end. */
  readonly publicUrl: string;
  readonly rosters: RosterSettings;
  readonly data: DataSettings;
}

export interface Hosts {
  readonly all: readonly Host[];
  /** Whether this bare JID is a user of a host that is served. */
  isServed(jid: string): boolean;
  /** @throws Problem `unknown-host` */
  byDomain(domain: string): Host;
  /**
   * The host that an HTTP request means: the one of that name (any case, any port), else the one whose
   * public URL has that name, else the only one served.
   * @throws Problem `unknown-host`
   */
  byAuthority(authority: string): Host;
}

/** What is a host's own, as it stands in the settings. */
export interface HostSettings {
  readonly domain: string;
  readonly public_url?: string | undefined;
  readonly rosters?: { readonly [K in keyof RosterSettings]?: RosterSettings[K] | undefined } | undefined;
  readonly data?: {
    readonly user_stores?: readonly string[] | undefined;
    readonly admin_stores?: readonly string[] | undefined;
  } | undefined;
}

/** @param defaults of a host that does not say otherwise */
export function createHosts(
  served: readonly HostSettings[],
  defaults: {
    readonly url: (domain: string) => string;
    readonly rosters: RosterSettings;
    readonly data?: DataSettings;
  },
): Hosts {
  const all = served.map(({ domain, public_url, rosters, data }) => ({
    domain,
    data: {
      userStores: data?.user_stores ?? defaults.data?.userStores ?? [],
      adminStores: data?.admin_stores ?? defaults.data?.adminStores ?? [],
    },
    rosters: { ...defaults.rosters, ...rosters } as RosterSettings,
    publicUrl: new URL(public_url ?? defaults.url(domain)).href.replace(/\/+$/, ""),
  }));
  const domains = new Map(all.map((host) => [host.domain, host]));
  const names = new Map<string, Host>();
  for (const host of served) {
    const own = domains.get(host.domain);
    if (host.public_url !== undefined && own) names.set(new URL(host.public_url).hostname, own);
  }
  for (const [domain, host] of domains) {
    names.set(domain, host);
    names.set(new URL(`http://${domain}`).hostname, host); // a browser sends the A-label of an IDN
  }
  return {
    all,
    isServed: (jid) => jid.includes("@") && domains.has(jid.slice(jid.indexOf("@") + 1)),
    byDomain(domain) {
      const host = domains.get(domain) ?? domains.get(normaliseDomain(domain) ?? "");
      if (host) return host;
      const served = all.map((one) => one.domain).join(", ");
      throw new Problem(
        "unknown-host",
        `${
          JSON.stringify(domain)
        } is not served here, only ${served}. Add it to "hosts", or name your settings with --config or COUPLET_CONFIG.`,
      );
    },
    byAuthority(authority) {
      const host = names.get(authority) ??
        names.get(authority.toLowerCase().replace(/:[0-9]*$/, "").replace(/\.$/, "")) ??
        (all.length === 1 ? all[0] : undefined);
      if (host) return host;
      throw new Problem("unknown-host", "No host of this name is served here.");
    },
  };
}
