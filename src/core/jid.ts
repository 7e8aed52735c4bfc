/** A JID cut into its parts (RFC 6120, 2.1). */
export interface Jid {
  readonly local?: string | undefined;
  readonly domain: string;
}

// RFC 7622, 3.3.1: what a localpart may not hold, beside spaces and control characters.
const forbidden = /["&'/:<>@\s\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u;

// RFC 3454, B.1: mapped to nothing, as far as it is not refused below.
const nothing = /[\u034f\u1806\u180b-\u180d\ufe00-\ufe0f]/g;
// Capitals that got their small letters after Unicode 3.2: nodeprep leaves them alone.
const young = /[\u04c0\u10a0-\u10c5\u13a0-\u13f5\u2132\u2183]/;
// Small letters that RFC 3454, B.2 folds further: sharp s, final sigma, Greek with iota or breathing.
const folded = /[\u00df\u0345\u0587\u1f50-\u1fff]/;

/** RFC 3454, B.2, one character at a time: no final sigma, and no lower case that nodeprep does not know. */
const fold = (text: string) =>
  [...text].map((char) => {
    if (young.test(char)) return char;
    const small = folded.test(char) ? char.toUpperCase() : char;
    return [...small].map((one) => one.toLowerCase()).join("").replaceAll("ς", "σ").replaceAll("ϲ", "σ");
  }).join("");

/**
 * A localpart as Prosody will compare it, or `undefined` if none can be made of this.
 * Prosody uses nodeprep (RFC 3920, A), which folds more than lower case does and knows no character that is younger
 * than Unicode 3.2; on every code point up to U+1FFFF the two agree, or we refuse it.
 */
export function normaliseLocal(text: string): string | undefined {
  if (/^[a-z0-9._-]{1,1023}$/.test(text)) return text; // what nearly all are
  if (text.length > 1023) return undefined; // before normalising: long runs of combining marks cost n² there
  const local = fold(text.replace(nothing, "").normalize("NFKC")).normalize("NFKC");
  if (local === "" || forbidden.test(local) || new TextEncoder().encode(local).length > 1023) {
    return undefined;
  }
  return local;
}

/** A domain name in lower case, without the root's dot; `undefined` if it cannot be one. */
export function normaliseDomain(text: string): string | undefined {
  if (/^(?:[a-z0-9-]{1,63}\.){0,9}[a-z0-9]{1,63}$/.test(text) && !text.startsWith("-")) return text;
  if (text.length > 1023) return undefined; // as above
  const domain = text.normalize("NFKC").toLowerCase().replace(/\.$/, "");
  return /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?$/u.test(domain) && !domain.includes("..") &&
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
