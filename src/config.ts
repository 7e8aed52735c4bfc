import { parse as parseToml, TomlError } from "smol-toml";
import { z } from "zod";
import { parseDuration } from "./core/duration.ts";
import { normaliseDomain } from "./core/jid.ts";

const duration = z.string().transform((text, context) => {
  const value = parseDuration(text);
  if (value === undefined) context.addIssue('expected a time such as "15m", "12h" or "7d"');
  return value ?? z.NEVER;
});
const domain = z.string().transform((text, context) => {
  const name = normaliseDomain(text);
  if (name === undefined) context.addIssue('expected a domain name such as "example.org"');
  return name ?? z.NEVER;
});
const listen = z.string().regex(
  /^(unix:\/.+|\[[0-9a-fA-F:.]+\]:[0-9]{1,5}|[^\s:/]+:[0-9]{1,5})$/,
  'expected HOST:PORT, such as "127.0.0.1:5290", or "unix:/path"',
);
const publicUrl = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as "https://chat.example.org"',
})
  .transform((url) => url.replace(/\/+$/, ""));
const size = z.int().min(1).max(1 << 30);
const flag = z.union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"] })], {
  error: "expected true or false",
});
const path = z.string().min(1, "expected a path");
const store = z.string().regex(/^sqlite:.+/, 'expected "sqlite:PATH"');

interface Setting<T extends z.ZodType = z.ZodType> {
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

/** Every environment variable that is read. */
export const environment: readonly string[] = [
  "COUPLET_HOSTS",
  "STATE_DIRECTORY",
  ...Object.values<Setting>(settings).flatMap(({ env }) => env ?? []),
];

type Settings = typeof settings;
type Value<S> = S extends { type: z.ZodType<infer T> } ? S extends { default?: never } ? T | undefined : T
  : never;

/** One domain served, and what is its own. */
export interface HostConfig {
  readonly domain: string;
  readonly public_url?: string | undefined;
}

/** All settings, checked, with defaults filled in. Times are milliseconds. */
export type Config = { readonly [K in keyof Settings]: Value<Settings[K]> } & {
  readonly hosts: readonly HostConfig[];
  readonly "control.socket": string;
  readonly "store": string;
};

/** A setting that cannot be used. The message names it, where it was set, and what would do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const hostSettings = z.strictObject({ public_url: publicUrl.optional() });

function check<T>(name: string, origin: string, type: z.ZodType<T>, value: unknown): T {
  const result = type.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new ConfigError(`${name} (${origin}) is not valid.`);
  if (issue.code === "unrecognized_keys") {
    throw new ConfigError(`Unknown setting "${name}.${issue.keys[0]}" in ${origin}.`);
  }
  const where = [name, ...issue.path].join(".");
  const shown = typeof value === "string" || typeof value === "number" ? `: ${JSON.stringify(value)}` : "";
  throw new ConfigError(`${where} (${origin})${shown}: ${issue.message}.`);
}

/** Tables become dotted names, as deep as a setting's name goes. */
function flatten(table: Record<string, unknown>, prefix = ""): [string, unknown][] {
  return Object.entries(table).flatMap(([key, value]): [string, unknown][] => {
    const name = prefix + key;
    const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
    const holdsSettings = Object.keys(settings).some((known) => known.startsWith(name + "."));
    return isTable && holdsSettings
      ? flatten(value as Record<string, unknown>, name + ".")
      : [[name, value] as [string, unknown]];
  });
}

function readHosts(value: unknown, origin: string): HostConfig[] {
  const table = z.record(z.string(), z.unknown());
  const hosts = Array.isArray(value)
    ? check("hosts", origin, z.array(domain), value).map((name) => ({ domain: name }))
    : Object.entries(check("hosts", origin, table, value)).map(([name, own]) => ({
      domain: check("hosts", origin, domain, name),
      ...check(`hosts."${name}"`, origin, hostSettings, own),
    }));
  if (hosts.length === 0) throw new ConfigError(`hosts (${origin}): name at least one domain to serve.`);
  const twice = hosts.find((host, i) => hosts.findIndex((other) => other.domain === host.domain) !== i);
  if (twice) throw new ConfigError(`hosts (${origin}): ${twice.domain} stands there twice.`);
  return hosts;
}

/** What the settings are read from. */
export interface ConfigSources {
  /** The TOML file's text and its name for messages. */
  readonly file?: { readonly text: string; readonly name: string } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads every setting once: environment before file before default.
 * @throws ConfigError naming the first setting that is unknown or of the wrong kind
 */
export function readConfig({ file, env }: ConfigSources): Config {
  const values = new Map<string, { value: unknown; origin: string }>();
  if (file) {
    let table: Record<string, unknown>;
    try {
      table = parseToml(file.text);
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      throw new ConfigError(
        `${file.name} is not valid TOML, line ${error.line}: ${error.message.split("\n")[0]}`,
      );
    }
    for (const [name, value] of flatten(table)) {
      if (!(name in settings) && name !== "hosts") {
        throw new ConfigError(
          `Unknown setting "${name}" in ${file.name}. docs/configuration.md lists them all.`,
        );
      }
      values.set(name, { value, origin: file.name });
    }
  }
  const hostsEnv = env.COUPLET_HOSTS;
  if (hostsEnv !== undefined) {
    const names = hostsEnv.split(",").map((name) => name.trim()).filter((name) => name !== "");
    values.set("hosts", { value: names, origin: "COUPLET_HOSTS" });
  }
  if (env.STATE_DIRECTORY !== undefined && !values.has("data_dir")) {
    values.set("data_dir", { value: env.STATE_DIRECTORY.split(":")[0], origin: "STATE_DIRECTORY" });
  }
  const config: Record<string, unknown> = {};
  for (const [name, known] of Object.entries<Setting>(settings)) {
    const fromEnv = known.env === undefined ? undefined : env[known.env];
    const found = fromEnv === undefined ? values.get(name) : { value: fromEnv, origin: known.env ?? "" };
    const value = found?.value ?? known.default;
    if (value !== undefined) config[name] = check(name, found?.origin ?? "default", known.type, value);
  }
  const hosts = values.get("hosts");
  config.hosts = readHosts(hosts?.value ?? ["localhost"], hosts?.origin ?? "default");
  config["control.socket"] ??= `${config.data_dir}/control.sock`;
  config.store ??= `sqlite:${config.data_dir}/couplet.db`;
  return Object.freeze(config) as Config;
}
