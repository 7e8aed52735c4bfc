import type { Mistake, Terms } from "./mistakes.ts";

const mostBytes = 1_023;
const shortName = 2; // characters of a username that is found in too many words to forbid it

// RFC 8264, 9: control characters, private use, what is not assigned and what is not shown. SASLprep, which apps
// put passwords through, leaves some of them out and refuses others.
const unusable = /[\p{Cc}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/u;

/** A password in the form in which it is compared (RFC 8265, 4.2.2); its SASLprep (RFC 4013) is that of the original. */
export const preparePassword = (text: string): string => text.replace(/\p{Zs}/gu, " ").normalize("NFC");

/** What is wrong with a new password, as it was typed; the worst of it, or nothing. */
export function passwordMistake(
  typed: string,
  username: string | undefined,
  { host, length }: Terms,
): Mistake["why"] | undefined {
  if (typed === "") return "missing";
  if (typed.length > mostBytes) return "too-long"; // before normalising: long runs of combining marks cost n² there
  const password = preparePassword(typed);
  if (new TextEncoder().encode(password).length > mostBytes) return "too-long";
  if (unusable.test(password)) return "unusable";
  if ([...password].length < length) return "too-short";
  const folded = password.normalize("NFKC").toLowerCase();
  if (username !== undefined && username.length > shortName && folded.includes(username)) {
    return "holds-username";
  }
  return folded.includes(host) ? "holds-host" : undefined;
}
