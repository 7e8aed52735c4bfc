import { normaliseDomain, normaliseLocal } from "../core/jid.ts";
import type { Mistake } from "./mistakes.ts";

/**
 * The username that somebody means, as Prosody will compare it, or what is wrong with it. `@host` behind it is cut
 * off, and blanks around it: phones put them there.
 */
export function readUsername(
  typed: string,
  host: string,
): { readonly username: string; readonly why?: never } | { readonly why: Mistake["why"] } {
  const text = typed.trim();
  const at = text.lastIndexOf("@");
  const local = at < 0 ? text : text.slice(0, at);
  if (local === "") return { why: "missing" };
  if (at >= 0 && normaliseDomain(text.slice(at + 1)) !== host) return { why: "other-host" };
  if (local.length > 1_023) return { why: "too-long" };
  const username = normaliseLocal(local);
  return username === undefined ? { why: "unusable" } : { username };
}
