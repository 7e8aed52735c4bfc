import type { ProsodyInstall } from "../setup/prosody.ts";
import { type Pair, startPair } from "./pair.ts";

/** A pair with users, and their data by HTTP. */
export interface DataStage extends AsyncDisposable {
  readonly pair: Pair;
  /** One request to `/data/` + path, or to another address; as `user:password` if it is given. */
  data(method: string, path: string, options?: DataRequest): Promise<DataAnswer>;
}

export interface DataRequest {
  /** `NAME:PASSWORD`; a name without an @ is one of example.org. */
  readonly as?: string;
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
  options: Parameters<typeof startPair>[1] = {},
  accounts: readonly string[] = ["user", "john", "admin"],
): Promise<DataStage> {
  await using stack = new AsyncDisposableStack();
  const toml = `[data]\nuser_stores = ${JSON.stringify(testStores)}\n`;
  const pair = stack.use(await startPair(install, { toml, ...options }));
  for (const name of accounts) await pair.account(name);
  const http = stack.use(Deno.createHttpClient({ allowHost: true }));
  const started = stack.move();
  return {
    pair,
    async data(method, path, { as, json, body, headers = {} } = {}) {
      const sent = new Headers({ host: "example.org", ...headers });
      if (as !== undefined) sent.set("authorization", basic(as));
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
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** RFC 7617, with the host of the tests for a name without one. */
export function basic(credentials: string): string {
  const colon = credentials.indexOf(":");
  const [name, password] = [credentials.slice(0, colon), credentials.slice(colon + 1)];
  const whole = name.includes("@") ? name : `${name}@example.org`;
  return `Basic ${new TextEncoder().encode(`${whole}:${password}`).toBase64()}`;
}
