import { allocatorSettings } from "../../src/build/program.ts";
import { request } from "node:http";
import { type CoupletDaemon, startCouplet } from "../e2e/daemon.ts";
import { type ProsodyServer, startProsody } from "../e2e/prosody_server.ts";
import { type Output, repository } from "../e2e/process.ts";
import { findProsodies, type ProsodyInstall } from "../setup/prosody.ts";
import { communityModules } from "./tools.ts";
import type { LoadOptions } from "./wrk.ts";

/** The domain that every server here serves. */
export const host = "example.org";

/** Where Prosody keeps things. */
export type Storage = "internal" | "SQLite";

/** One request, said so that either side understands it. */
export type Target = Pick<LoadOptions, "url" | "headers" | "expects" | "paths">;

/** The two servers under one set of words. Disposing of it stops it and removes what it kept. */
export interface Side extends AsyncDisposable {
  /** A key that may make invites: `ID/SECRET`. */
  readonly key: string;
  /** A request that makes an invite, with this key or its own. */
  creating(key?: string): Target;
  /** The same with a key that is to be refused. */
  refused(key: string): Target;
  /** Makes an invite and says where its page is. */
  invite(): Promise<string>;
}

/** A Prosody as one of the two. */
export type ProsodySide = Side & { readonly server: ProsodyServer };

/** A fresh daemon with a key: on an empty store, or the folder that is given. `flags` are for `deno run`. */
export async function coupletSide(
  { dataDir, flags, env }: {
    dataDir?: string;
    flags?: readonly string[];
    env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Side & { daemon: CoupletDaemon }> {
  const program = [Deno.execPath(), "run", ...flags ?? [], "--frozen", "--allow-all", "main.ts"];
  const daemon = await startCouplet({
    hosts: [host],
    program,
    env: { ...allocatorSettings, ...env },
    ...(dataDir !== undefined && { dataDir }),
  });
  const key = await keyOr(daemon, () => daemon.cli("keys", "create", host, "bench"));
  const creating = (own = key): Target => ({
    url: `${daemon.url}/invites_api`,
    headers: { Host: host, Authorization: `Bearer ${own}` },
  });
  return {
    ...{ daemon, key, creating },
    refused: (other) => ({ ...creating(other), expects: "refusal" }),
    invite: () => makeInvite(creating()),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

/** The Prosody whose modules the figures are about: 0.12, the machine's own. @throws Error without it */
export async function machineProsody(): Promise<ProsodyInstall> {
  const found = (await findProsodies()).find(({ root }) => root === "/");
  if (found === undefined) throw new Error("There is no Prosody here: run tests/setup/install.ts.");
  return found;
}

/** Lua of a configuration for each. */
export const storageConfig: Readonly<Record<Storage, string>> = {
  internal: "",
  SQLite: `default_storage = "sql"; sql = { driver = "SQLite3"; database = "prosody.sqlite" }`,
};

/** Lua of a configuration: modules come from here too. */
export const alsoFrom = (...folders: string[]): string =>
  `plugin_paths = { ${folders.map((folder) => JSON.stringify(folder)).join("; ")} }`;

/** A fresh Prosody with mod_invites_api, mod_invites_page and a key. */
export async function prosodySide(storage: Storage): Promise<ProsodySide> {
  const server = await startProsody(await machineProsody(), {
    ...{ hosts: [host], http: true, modules: ["invites_api", "invites_page"], logLevel: "info" },
    config: `${alsoFrom(communityModules)}\n${storageConfig[storage]}`,
  });
  const key = await keyOr(server, () => server.ctl("mod_invites_api", "create", host, "bench"));
  // Its header form is a 500 without a query (originals.md): both sides are asked in the way that works there.
  const creating = (own = key): Target => ({
    url: `http://127.0.0.1:${server.httpPort}/invites_api?key=${own}`,
    headers: { Host: host },
  });
  return {
    ...{ server, key, creating },
    refused: (other) => ({ ...creating(other), expects: "refusal" }),
    invite: () => makeInvite(creating()),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Modules of the benchmarks, and Couplet's own. */
export const benchModules = `${repository}tests/bench/lua`;
export const ourModules = `${repository}src/prosody/lua`;

/** The key among all that a command has to say. Without one, the server does not stay behind. */
async function keyOr(server: AsyncDisposable, makeKey: () => Promise<Output>): Promise<string> {
  const { stdout, stderr } = await makeKey();
  const line = stdout.split("\n").find((line) => /^[\w-]+\/[\w+/=-]+$/.test(line));
  if (line !== undefined) return line;
  await server[Symbol.asyncDispose]();
  throw new Error(`There should be a key here: ${stdout}${stderr}`);
}

/** With one request of its own; Node's client, because Deno's fetch lets no Host header through. */
function makeInvite({ url, headers = {} }: Target): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      const { statusCode, headers: { location } } = response;
      if (statusCode === 201 && location !== undefined) resolve(location);
      else reject(new Error(`No invite: ${statusCode} from ${url}`));
    }).on("error", reject).end();
  });
}
