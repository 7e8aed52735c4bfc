import type { HostConfig, HostSettings } from "../config.ts";
import { normaliseDomain } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";

/** A domain that is served. */
export interface Host {
  /** The XMPP domain, in lower case. */
  readonly domain: string;
  /** Where its pages are seen from outside, without a slash at the end. */
  readonly publicUrl: string;
  /** Its own, or what stands for all. */
  readonly settings: HostSettings;
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

/** @param defaults of a host that does not say otherwise */
export function createHosts(
  served: readonly HostConfig[],
  defaults: { readonly url: (domain: string) => string; readonly settings: HostSettings },
): Hosts {
  const all = served.map(({ domain, public_url, own }) => ({
    domain,
    publicUrl: new URL(public_url ?? defaults.url(domain)).href.replace(/\/+$/, ""),
    settings: { ...defaults.settings, ...own },
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
