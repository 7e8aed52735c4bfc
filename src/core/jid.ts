/** A JID cut into its parts (RFC 6120, 2.1). */
export interface Jid {
  readonly local?: string | undefined;
  readonly domain: string;
}

// RFC 7622, 3.3.1: what a localpart may not hold, beside spaces and control characters.
const forbidden = /["&'/:<>@\s\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u;

/**
 * A localpart as Prosody will compare it, or `undefined` if none can be made of this.
 * Lower case and NFKC stand for nodeprep: Prosody preps again, so a rare character on which they differ is
 * refused there and never confused.
 */
export function normaliseLocal(text: string): string | undefined {
  const local = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  if (local === "" || forbidden.test(local) || new TextEncoder().encode(local).length > 1023) {
    return undefined;
  }
  return local;
}

/** A domain name in lower case, without the root's dot; `undefined` if it cannot be one. */
export function normaliseDomain(text: string): string | undefined {
  const domain = text.normalize("NFKC").toLowerCase().replace(/\.$/, "");
  return /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}.-]*[\p{L}\p{M}\p{N}])?$/u.test(domain) && !domain.includes("..") &&
      domain.length <= 253
    ? domain
    : undefined;
}

/** `user@host` or `host`; `undefined` if it is neither. A resource is not accepted. */
export function parseBareJid(text: string): Jid | undefined {
  const at = text.indexOf("@");
  const domain = normaliseDomain(text.slice(at + 1));
  if (domain === undefined) return undefined;
  if (at < 0) return { domain };
  const local = normaliseLocal(text.slice(0, at));
  return local === undefined ? undefined : { local, domain };
}
