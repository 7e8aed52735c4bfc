import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import { normaliseDomain } from "../core/jid.ts";
import { isGuarded, isStoreName } from "../core/store_name.ts";
import { parseNetwork } from "../core/network.ts";

const aTime = 'expected a time such as "15m", "12h" or "7d"';
export const duration = z.string(aTime).transform((text, context) => {
  const value = parseDuration(text);
  if (value === undefined) context.addIssue(aTime);
  return value ?? z.NEVER;
});
const aLife = 'expected a time such as "12h" or "7d", or "never"';
/** A duration, or `never`: `Infinity`. */
export const durationOrNever = z.string(aLife).transform((text, context) => {
  const value = text === "never" ? Infinity : parseDuration(text);
  if (value === undefined) context.addIssue(aLife);
  return value ?? z.NEVER;
});
const aDomain = 'expected a domain name such as "example.org"';
/** A domain name, in the form that is compared. */
export const domain = z.string(aDomain).transform((text, context) => {
  const name = normaliseDomain(text);
  if (name === undefined) context.addIssue(aDomain);
  return name ?? z.NEVER;
});
/** A text of a certain form. */
const text = (form: RegExp, error: string) => z.string(error).regex(form, error);
export const listen = text(
  /^(unix:\/.+|\[[0-9a-fA-F:.]+\]:[0-9]{1,5}|[^\s:/]+:[0-9]{1,5})$/,
  'expected HOST:PORT, such as "127.0.0.1:5290", or "unix:/path"',
);
export const publicUrl = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as "https://chat.example.org"',
})
  .transform((url) => url.replace(/\/+$/, ""));
export const whole = (most: number) => {
  const error = `expected a whole number from 1 to ${most}`;
  return z.int(error).min(1, error).max(most, error);
};
export const size = whole(1 << 30);
const aName = "expected names of 1 to 200 characters";
/** Names of roles or groups. */
export const names = z.array(
  z.string(aName).regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u, aName),
  "expected a list of names",
)
  .max(50, "expected 50 names at most");
export const flag = z.union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"] })], {
  error: "expected true or false",
});
export const path = text(/./, "expected a path");
const aProxy = 'expected an address, a network such as "10.0.0.0/8", or "unix"';
const proxy = z.string(aProxy).refine((text) => text === "unix" || parseNetwork(text) !== undefined, aProxy);
export const proxies = z.preprocess(
  (value) =>
    typeof value === "string"
      ? value.split(",").map((text) => text.trim()).filter((text) => text !== "")
      : value,
  z.array(proxy, "expected a list of addresses and networks"),
);
export const rosterUrl = text(
  /^https?:\/\/[^\s/]+\/[^\s]*%s[^\s]*$/,
  'expected an address with "%s" for the username',
);
export const webUrl = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as "https://app.example.org/"',
});
export const secret = text(/^[\x21-\x7e]+$/, "expected ASCII characters without spaces");
export const policy = z.enum(["shared", "managed", "upstream"], {
  error: "expected shared, managed or upstream",
});
const aStore = 'expected the name of a store, such as "vcard"';
const storeName = z.string(aStore).refine(isStoreName, aStore).refine(
  (name) => name !== "roster" && name !== "invite_token",
  "rosters and invites have addresses of their own",
);
const stores = (name: z.ZodType<string>) =>
  z.array(name, "expected a list of stores").max(100, "expected 100 stores at most");
export const storeNames = stores(storeName);
export const usersStores = stores(
  storeName.refine((name) => !isGuarded(name), "a store of secrets or powers is never a user's own"),
);
export const store = text(/^sqlite:.+/, 'expected "sqlite:PATH"');

/** One setting. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  readonly type: T;
  readonly env?: string;
  readonly default?: z.input<T>;
  /** Whether a host may have its own, in its table: `[hosts."example.org".rosters]`. */
  readonly perHost?: true;
  /** What it is for, as docs/configuration.md prints it. */
  readonly meaning: string;
}
export const setting = <T extends z.ZodType>(value: Setting<T> & { default: z.input<T> }) => value;
export const optional = <T extends z.ZodType>(value: Setting<T> & { default?: never }) => value;
export const ofHost = <S>(value: S): S & { readonly perHost: true } => ({ ...value, perHost: true });
