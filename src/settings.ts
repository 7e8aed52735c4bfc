import { z } from "zod";
import { parseDuration } from "./core/duration.ts";
import { normaliseDomain } from "./core/jid.ts";
import { isGuarded, isStoreName } from "./core/store_name.ts";
import { parseNetwork } from "./core/network.ts";

const aTime = 'expected a time such as "15m", "12h" or "7d"';
const duration = z.string(aTime).transform((text, context) => {
  const value = parseDuration(text);
  if (value === undefined) context.addIssue(aTime);
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
const listen = text(
  /^(unix:\/.+|\[[0-9a-fA-F:.]+\]:[0-9]{1,5}|[^\s:/]+:[0-9]{1,5})$/,
  'expected HOST:PORT, such as "127.0.0.1:5290", or "unix:/path"',
);
const publicUrl = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as "https://chat.example.org"',
})
  .transform((url) => url.replace(/\/+$/, ""));
const whole = (most: number) => {
  const error = `expected a whole number from 1 to ${most}`;
  return z.int(error).min(1, error).max(most, error);
};
const size = whole(1 << 30);
const flag = z.union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"] })], {
  error: "expected true or false",
});
const path = text(/./, "expected a path");
const aProxy = 'expected an address, a network such as "10.0.0.0/8", or "unix"';
const proxy = z.string(aProxy).refine((text) => text === "unix" || parseNetwork(text) !== undefined, aProxy);
const proxies = z.preprocess(
  (value) =>
    typeof value === "string"
      ? value.split(",").map((text) => text.trim()).filter((text) => text !== "")
      : value,
  z.array(proxy, "expected a list of addresses and networks"),
);
const rosterUrl = text(
  /^https?:\/\/[^\s/]+\/[^\s]*%s[^\s]*$/,
  'expected an address with "%s" for the username',
);
const webUrl = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as "https://app.example.org/"',
});
const secret = text(/^[\x21-\x7e]+$/, "expected ASCII characters without spaces");
const policy = z.enum(["shared", "managed", "upstream"], { error: "expected shared, managed or upstream" });
const aStore = 'expected the name of a store, such as "vcard"';
const storeName = z.string(aStore).refine(isStoreName, aStore).refine(
  (name) => name !== "roster" && name !== "invite_token",
  "rosters and invites have addresses of their own",
);
const stores = (name: z.ZodType<string>) =>
  z.array(name, "expected a list of stores").max(100, "expected 100 stores at most");
const storeNames = stores(storeName);
const usersStores = stores(
  storeName.refine((name) => !isGuarded(name), "a store of secrets or powers is never a user's own"),
);
const store = text(/^sqlite:.+/, 'expected "sqlite:PATH"');

/** One setting. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  readonly type: T;
  readonly env?: string;
  readonly default?: z.input<T>;
  /** What it is for, as docs/configuration.md prints it. */
  readonly meaning: string;
}
const setting = <T extends z.ZodType>(value: Setting<T> & { default: z.input<T> }) => value;
const optional = <T extends z.ZodType>(value: Setting<T> & { default?: never }) => value;

/** Every setting there is, by its dotted name in the TOML file. */
export const settings = {
  "data_dir": setting({
    type: path,
    env: "COUPLET_DATA_DIR",
    default: "./data",
    meaning: "The folder for the database, the key file and the control socket. " +
      "Under systemd, `$STATE_DIRECTORY` if nothing else is set.",
  }),
  "http.listen": setting({
    type: listen,
    env: "COUPLET_HTTP_LISTEN",
    default: "127.0.0.1:5290",
    meaning: "Where to answer HTTP: `HOST:PORT` or `unix:/path`.",
  }),
  "http.public_url": optional({
    type: publicUrl,
    env: "COUPLET_PUBLIC_URL",
    meaning: "How people reach that address from outside; links in invites begin with it. " +
      "Without it, `http://` and `http.listen`.",
  }),
  "http.trusted_proxies": optional({
    type: proxies,
    env: "COUPLET_TRUSTED_PROXIES",
    meaning:
      "Proxies whose `X-Forwarded-For` is believed: a list of addresses and networks (commas in the environment), " +
      "and `unix` for whoever connects to `unix:/path`. Without it nobody's is.",
  }),
  "http.query_keys": setting({
    type: flag,
    default: true,
    meaning:
      "Whether `/invites_api?key=…` is taken. Keys in addresses end up in logs and histories: turn it " +
      "off once every script sends `Authorization: Bearer …`.",
  }),
  "http.max_body": setting({ type: size, default: 65536, meaning: "The largest request body, in bytes." }),
  "control.socket": optional({
    type: path,
    env: "COUPLET_CONTROL_SOCKET",
    meaning: "The Unix socket that Prosody calls. Without it, `control.sock` in `data_dir`.",
  }),
  "store": optional({
    type: store,
    env: "COUPLET_STORE",
    meaning: "Where everything is kept. Without it, `sqlite:DATA_DIR/couplet.db`.",
  }),
  "invites.ttl": setting({
    type: duration,
    default: "7d",
    meaning: "How long an invite lives if nobody says otherwise.",
  }),
  "invites.reset_ttl": setting({ type: duration, default: "1d", meaning: "The same for password resets." }),
  "invites.max_ttl": setting({
    type: duration,
    default: "366d",
    meaning: "The longest life that an invite may be given.",
  }),
  "invites.lease": setting({
    type: duration,
    default: "60s",
    meaning: "How long a use stays held for a registration that has begun and not ended.",
  }),
  "invites.retention": setting({
    type: duration,
    default: "30d",
    meaning: "How long used, expired and revoked invites can still be looked up before they are deleted.",
  }),
  "rosters.policy": setting({
    type: policy,
    default: "shared",
    meaning:
      "Who decides about rosters. `shared`: clients and the API. `managed`: the API alone. `upstream`: a " +
      "web app, which is asked at `http_roster_url`.",
  }),
  "rosters.http_roster_url": optional({
    type: rosterUrl,
    meaning: "Where the web app tells a user's roster, for `upstream`; `%s` stands for the username.",
  }),
  "rosters.http_roster_secret": optional({
    type: secret,
    env: "COUPLET_HTTP_ROSTER_SECRET",
    meaning: "A secret that is sent there as `Authorization: Bearer …`.",
  }),
  "rosters.http_roster_timeout": setting({
    type: duration,
    default: "5s",
    meaning: "How long the web app may take for one answer, asked a second time or not.",
  }),
  "rosters.refresh_url": optional({
    type: webUrl,
    meaning:
      "An address that is told which users' rosters were changed here, as mod_http_roster_admin has it: " +
      "`http://127.0.0.1:5280/roster_admin/refresh`.",
  }),
  "rosters.refresh_secret": optional({
    type: secret,
    env: "COUPLET_REFRESH_SECRET",
    meaning: "A secret that is sent there as `Authorization: Bearer …`.",
  }),
  "rosters.max_items": setting({
    type: whole(100_000),
    default: 20_000,
    meaning: "The most contacts of one roster.",
  }),
  "rosters.max_body": setting({
    type: size,
    default: 4 << 20,
    meaning: "The largest roster in a request, or from the web app, in bytes.",
  }),
  "data.user_stores": setting({
    type: usersStores,
    default: ["private", "vcard"],
    meaning:
      "The stores that users may read and write of their own, by `/data/`. Admins, and keys with `data:read` " +
      "or `data:write`, may do so with anybody's.",
  }),
  "data.admin_stores": setting({
    type: storeNames,
    default: [],
    meaning:
      "Stores that only admins and such keys may read and write. Passwords, keys and the like of accounts are " +
      "shown as `[redacted]` unless the key has `data:secrets`; stores of tokens, keys or sessions need it.",
  }),
  "data.max_body": setting({
    type: size,
    default: 256 << 10,
    meaning: "The largest value in a request to `/data/`, in bytes.",
  }),
  "log.format": setting({
    type: z.enum(["auto", "json", "text"], { error: "expected auto, json or text" }),
    env: "COUPLET_LOG_FORMAT",
    default: "auto",
    meaning: "`json`: one object a line. `text`: for people. `auto`: text on a terminal, json elsewhere.",
  }),
  "log.level": setting({
    type: z.enum(["debug", "info", "warning", "error"], { error: "expected debug, info, warning or error" }),
    env: "COUPLET_LOG_LEVEL",
    default: "info",
    meaning: "The least that is logged: `debug`, `info`, `warning` or `error`.",
  }),
} as const;

/** Every environment variable that is read; COUPLET_CONFIG names the TOML file, as `--config` does. */
export const environment: readonly string[] = [
  "COUPLET_CONFIG",
  "COUPLET_HOSTS",
  "STATE_DIRECTORY",
  ...Object.values<Setting>(settings).flatMap(({ env }) => env ?? []),
];

const table = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, "expected a table");

/** What a host may have of its own: `[hosts."example.org"]`. */
export const hostSettings = table({
  public_url: publicUrl.optional(),
  rosters: table({
    policy: policy.optional(),
    http_roster_url: rosterUrl.optional(),
    http_roster_secret: secret.optional(),
    refresh_url: webUrl.optional(),
    refresh_secret: secret.optional(),
  }).optional(),
  data: table({
    user_stores: usersStores.optional(),
    admin_stores: storeNames.optional(),
  }).optional(),
});
