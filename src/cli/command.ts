import { buildCommand, type Command as StricliCommand } from "@stricli/core";
import { parseDuration } from "../core/duration.ts";
import type { Proc } from "./run.ts";

/** What a command has to say: `json` for `--json`, `text` for people (lines without the last newline). */
export interface Output {
  readonly json: unknown;
  readonly text: string;
  /** For people, on stderr: what to do next. */
  readonly hint?: string | undefined;
  /** Some of it could not be done: exit code 1. */
  readonly failed?: boolean;
}

/** A time, ms since 1970, to the minute. */
export const minute = (time: number): string =>
  new Date(time).toISOString().slice(0, 16).replace("T", " ") + " UTC";

/** What every command takes beside its own flags. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly config?: string;
}

/** A command as data: its words, one call, and what that says. It never prints or exits itself. */
export interface Command<Flags extends object, Args extends readonly (string | undefined)[]> {
  readonly brief: string;
  readonly fullDescription?: string;
  /** One of `value`, `values`, `choice` and `on` for each flag. */
  readonly flags: { readonly [Name in keyof Flags]-?: { readonly kind: string; readonly brief: string } };
  readonly positional: unknown;
  /** There is no `--json`: it prints nothing, or what has a form of its own. */
  readonly hasOwnForm?: true;
  /** `undefined` prints nothing. */
  readonly call: (flags: Flags & CommonFlags, ...args: Args) => Promise<Output | undefined>;
}

/** Makes a command that stricli can run; the one place where output is printed. */
export function command<
  Flags extends object = Record<never, never>,
  Args extends readonly (string | undefined)[] = [],
>(
  { brief, fullDescription, flags, positional, hasOwnForm, call }: Command<Flags, Args>,
): StricliCommand<Proc> {
  const common = {
    ...(!hasOwnForm && {
      json: { kind: "boolean", brief: "Print JSON, for scripts", optional: true, withNegated: false },
    }),
    config: {
      kind: "parsed",
      parse: String,
      brief: "Read settings from this TOML file (or from the one that COUPLET_CONFIG names)",
      optional: true,
      placeholder: "FILE",
    },
  };
  return buildCommand({
    docs: { brief, ...(fullDescription !== undefined && { fullDescription }) },
    // deno-lint-ignore no-explicit-any -- stricli's types cannot see through the merge
    parameters: { flags: { ...(flags as object), ...common }, positional } as any,
    async func(this: Proc, given: Flags & CommonFlags, ...args: Args) {
      const output = await call(given, ...args);
      if (!output) return;
      const text = given.json ? JSON.stringify(output.json, null, 2) : output.text;
      if (text !== "") this.process.stdout.write(tame(text) + "\n");
      if (output.hint !== undefined && !given.json) this.process.stderr.write(tame(output.hint) + "\n");
      if (output.failed) this.process.exitCode = 1;
    },
  }) as unknown as StricliCommand<Proc>;
}

/** What strangers have written tells the terminal nothing. In JSON, too, it is the same text as before. */
const tame = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A fact by its name; what goes on in further lines is set in, so that it looks like no other fact. */
export const factLine = (name: string, fact: unknown): string =>
  `${name}: ${String(fact).replaceAll("\n", "\n  ")}`;

/** A fixed list of arguments; the last ones may be optional. */
export const args = (...list: { placeholder: string; brief: string; optional?: true }[]) => ({
  kind: "tuple",
  parameters: list.map((arg) => ({ ...arg, parse: String })),
});

/** Any number of arguments. */
export const anyArgs = (placeholder: string, brief: string) => ({
  kind: "array",
  parameter: { placeholder, brief, parse: String },
});

/** A flag with a value. */
export const value = <T>(brief: string, placeholder: string, parse: (text: string) => T) =>
  ({ kind: "parsed", parse, brief, placeholder, optional: true }) as const;

/** A flag with a value that may stand there several times. */
export const values = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true, variadic: true }) as const;

/** A flag with one of a few values. */
export const choice = (brief: string, values: readonly string[]) =>
  ({ kind: "enum", values, brief, optional: true }) as const;

/** A flag that is there or not. */
export const on = (brief: string) =>
  ({ kind: "boolean", brief, optional: true, withNegated: false }) as const;

/** A flag with a time such as `12h` or `7d`; the command gets milliseconds. */
export const time = (brief: string) => value(brief, "TIME", parseTime);

export function parseTime(text: string): number {
  const parsed = parseDuration(text);
  if (parsed) return parsed;
  throw new SyntaxError(`${text} is not a time such as "12h" or "7d"`);
}

/** The same, or `never`: `Infinity`. */
export const timeOrNever = (brief: string) =>
  value(brief, "TIME", (text) => text === "never" ? Infinity : parseTime(text));

/** A flag with a whole number above 0. */
export const count = (brief: string) => value(brief, "N", parseCount);

/** The same, or `unlimited`: `null`. */
export const countOrUnlimited = (brief: string) =>
  value(brief, "N", (text) => text === "unlimited" ? null : parseCount(text));

function parseCount(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new SyntaxError(`${text} is not a whole number above 0`);
}
