import assert from "node:assert/strict";
import type { ProsodyInstall } from "../setup/prosody.ts";
import { eventually, type Pair, startPair } from "./pair.ts";

/** A pair with users, and their data by HTTP. */
export interface DataStage extends AsyncDisposable {
  readonly pair: Pair;
  /** One request to `/data/` + path, or to another address; as `user:password` if it is given. */
  data(method: string, path: string, options?: DataRequest): Promise<DataAnswer>;
  /** A key of example.org with these scopes, made with the program. */
  key(...scopes: string[]): Promise<string>;
}

export interface DataRequest {
  /** `NAME:PASSWORD`; a name without an @ is one of example.org. */
  readonly as?: string | undefined;
  readonly key?: string | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

export interface DataAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

/** Stores that tests may use, beside those that are there by default. */
export const testStores = ["teststore", "luastore", "mylist", "sa", "sb", "vcard", "private", "counter"];

export async function startDataStage(
  install: ProsodyInstall,
  options: NonNullable<Parameters<typeof startPair>[1]> = {},
  accounts: readonly string[] = ["user", "john", "admin"],
): Promise<DataStage> {
  await using stack = new AsyncDisposableStack();
  const toml = dataToml();
  const pair = stack.use(await startPair(install, { toml, ...options }));
  for (const name of accounts) await account(pair, `${name}@example.org`);
  const http = stack.use(Deno.createHttpClient({ allowHost: true }));
  const started = stack.move();
  return {
    pair,
    async data(method, path, { as, key, json, body, headers = {} } = {}) {
      const sent = new Headers({ host: "example.org", ...headers });
      if (as !== undefined) sent.set("authorization", basic(as));
      if (key !== undefined) sent.set("authorization", `Bearer ${key}`);
      if (json !== undefined) sent.set("content-type", "application/json");
      const content = json === undefined ? body : JSON.stringify(json);
      const response = await fetch(`${pair.couplet.url}${path.startsWith("/") ? path : `/data/${path}`}`, {
        ...{ client: http, method, headers: sent, redirect: "manual" },
        ...(content !== undefined && { body: content }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        get json() {
          return JSON.parse(text);
        },
      };
    },
    async key(...scopes) {
      const { code, stdout, stderr } = await pair.couplet.cli(
        ...["keys", "create", "example.org", ...scopes.flatMap((name) => ["--scope", name])],
      );
      assert.equal(code, 0, stderr);
      return stdout.trim();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Settings with these stores open, and more lines of `[data]`'s. */
export const dataToml = (
  { users = testStores, admins = [] }: { users?: readonly string[]; admins?: readonly string[] } = {},
): string =>
  `[data]\nuser_stores = ${JSON.stringify(users)}\nadmin_stores = ${
    JSON.stringify(admins)
  }\nmax_body = 524288\n`;

/** Options of a Prosody that keeps everything in SQLite. */
export const inSql = {
  config: 'default_storage = "sql"; sql = { driver = "SQLite3"; database = "prosody.sqlite" }',
};

/** Options of one that keeps these stores in memory; accounts are made by another process and must be in files. */
export const inMemory = (stores: readonly string[]) => ({
  storage: {
    ...{ invite_token: "couplet", roster: "couplet" },
    ...Object.fromEntries(stores.map((store) => [store, "memory"])),
  },
});

/** A request as it is written, for addresses that no client would send. Answers the status, 0 without an answer. */
export async function sendAsIs(
  url: string,
  method: string,
  path: string,
  as: string,
  body = "",
): Promise<number> {
  const { hostname, port } = new URL(url);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const head = `${method} ${path} HTTP/1.1\r\nHost: example.org\r\nAuthorization: ${basic(as)}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
  const answer = await socket.write(new TextEncoder().encode(head))
    .then(() => new Response(socket.readable).text(), () => "").catch(() => "");
  return Number(/^HTTP\/1.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
}

/** Makes an account; where they are in SQLite, Prosody may be at the same file, and then prosodyctl gives up. */
export async function account({ prosody }: Pair, jid: string, password = "a secret"): Promise<void> {
  await eventually(async () => (await prosody.ctl("register", ...jid.split("@"), password)).code === 0);
}

/** What Prosody's shell prints. */
export async function shell({ prosody }: Pair, line: string): Promise<string> {
  const { code, stdout, stderr } = await prosody.ctl("shell", line);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

/** Prosody's files with what is in them. */
export async function filesOf({ pair }: DataStage): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const look = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) await look(path);
      else if (/\.(dat|list)$/.test(name) && name !== "cron.dat") {
        found[path.slice(pair.prosody.dataDir.length)] = await Deno.readTextFile(path);
      }
    }
  };
  await look(pair.prosody.dataDir);
  return found;
}

/** RFC 7617, with the host of the tests for a name without one. */
export function basic(credentials: string): string {
  const colon = credentials.indexOf(":");
  const [name, password] = [credentials.slice(0, colon), credentials.slice(colon + 1)];
  const whole = name.includes("@") ? name : `${name}@example.org`;
  return `Basic ${new TextEncoder().encode(`${whole}:${password}`).toBase64()}`;
}
