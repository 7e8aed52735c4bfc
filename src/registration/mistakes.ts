import { Problem } from "../core/problem.ts";

/** What is wrong with what somebody has filled in. */
export interface Mistake {
  readonly field: "username" | "password" | "repeat";
  readonly why:
    | ("missing" | "unusable" | "too-long") // of a username or a password
    | "other-host"
    | ("too-short" | "holds-username" | "holds-host")
    | "differs";
}

/** What a host asks of names and passwords. */
export interface Terms {
  readonly host: string;
  /** The fewest characters of a password. */
  readonly length: number;
}

const reasons: Record<Mistake["field"], Partial<Record<Mistake["why"], (terms: Terms) => string>>> = {
  username: {
    missing: () => "Choose a username.",
    unusable: () => "A username has no spaces and none of \" & ' / : < > @.",
    "too-long": () => "This username is too long.",
    "other-host": ({ host }) => `Accounts are made on ${host} here: leave out what is behind the @.`,
  },
  password: {
    missing: () => "Choose a password.",
    unusable: () =>
      "This has characters that cannot be typed everywhere. Use letters, digits, signs and spaces.",
    "too-long": () => "A password has 1,023 bytes at most.",
    "too-short": ({ length }) => `A password needs ${length} characters at least.`,
    "holds-username": () => "The password must not contain the username.",
    "holds-host": ({ host }) => `The password must not contain ${host}.`,
  },
  repeat: { differs: () => "The two passwords differ." },
};

/** The Problem `invalid`, with what is wrong in a form that other languages have words for. */
export class MistakesProblem extends Problem {
  constructor(readonly mistakes: readonly Mistake[], terms: Terms) {
    super(
      "invalid",
      "Nothing was done yet, and the invite is still good.",
      mistakes.map(({ field, why }) => ({ at: `/${field}`, reason: reasons[field][why]?.(terms) ?? why })),
    );
  }
}
