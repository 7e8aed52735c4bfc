import { parse as parseToml, TomlError } from "smol-toml";
import { z } from "zod";
import { settings } from "./settings.ts";
import { domain, publicUrl, type Setting } from "./settings/types.ts";

type Settings = typeof settings;
type Value<S> = S extends { type: z.ZodType<infer T> } ? S extends { default?: never } ? T | undefined : T
  : never;
type PerHost = { [K in keyof Settings]: Settings[K] extends { perHost: true } ? K : never }[keyof Settings];

/** What a host may have of its own, by the names of the settings that stand for all. */
export type HostSettings = { readonly [K in PerHost]: Value<Settings[K]> };

/** One domain served, and what is its own. */
export interface HostConfig {
  readonly domain: string;
  readonly public_url?: string | undefined;
  readonly own: Partial<HostSettings>;
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

function check<T>(name: string, origin: string, type: z.ZodType<T>, value: unknown): T {
  const result = type.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new ConfigError(`${name} (${origin}) is not valid.`);
  if (issue.code === "unrecognized_keys") {
    const unknown = [name, ...issue.path, issue.keys[0]].join(".");
    throw new ConfigError(`Unknown setting ${unknown} in ${origin}. docs/configuration.md lists them all.`);
  }
  const where = [name, ...issue.path].join(".");
  const shown = !name.endsWith("secret") && (typeof value === "string" || typeof value === "number")
    ? `: ${JSON.stringify(value)}`
    : "";
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

const aTable = "expected a table";

/** The shape of `[hosts."example.org"]`: a table for each part of the settings, and `public_url`. */
function hostTable(): z.ZodType<Record<string, unknown>> {
  const tables: Record<string, Record<string, z.ZodType>> = {};
  for (const [name, { type, perHost }] of Object.entries<Setting>(settings)) {
    const [part = "", key = ""] = name.split(".");
    if (perHost) (tables[part] ??= {})[key] = type.optional();
  }
  const parts = Object.entries(tables).map(([part, shape]) =>
    [part, z.strictObject(shape, aTable).optional()] as const
  );
  return z.strictObject({ public_url: publicUrl.optional(), ...Object.fromEntries(parts) }, aTable);
}

function readHost(name: string, value: unknown, origin: string): HostConfig {
  const table = check(`hosts."${name}"`, origin, hostTable(), value);
  const { public_url, ...parts } = table as { public_url?: string } & Record<string, object>;
  const own = Object.entries(parts).flatMap(([part, settings]) =>
    Object.entries(settings).map(([key, value]) => [`${part}.${key}`, value] as const)
  );
  return {
    domain: check("hosts", origin, domain, name),
    ...(public_url !== undefined && { public_url }),
    own: Object.fromEntries(own),
  };
}

function readHosts(value: unknown, origin: string): HostConfig[] {
  const table = z.record(z.string(), z.unknown(), "expected a list of domain names, or a table of tables");
  const hosts = Array.isArray(value)
    ? check("hosts", origin, z.array(domain), value).map((name) => ({ domain: name, own: {} }))
    : Object.entries(check("hosts", origin, table, value)).map(([name, own]) => readHost(name, own, origin));
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
  const lonely = (config.hosts as HostConfig[]).find(({ own }) => {
    const { "rosters.policy": policy, "rosters.http_roster_url": url } = { ...config as Config, ...own };
    return policy === "upstream" && url === undefined;
  });
  if (lonely) throw new ConfigError(`rosters of ${lonely.domain}: upstream needs an http_roster_url.`);
  config["control.socket"] ??= `${config.data_dir}/control.sock`;
  config.store ??= `sqlite:${config.data_dir}/couplet.db`;
  return Object.freeze(config) as Config;
}
