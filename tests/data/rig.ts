import assert from "node:assert/strict";
import { createTestApp, type TestApp } from "../harness.ts";
import { createFakeStorage, type FakeStorage } from "./fake_storage.ts";

/** A host with stores of every kind; `notes` and `list` have no schema. */
export const usualStores = `
data.user_stores = ["private", "vcard", "notes", "list"]
data.max_body = 524288
data.admin_stores = ["accounts", "account_roles", "offline", "cloud_notify", "auth_tokens"]
`;

export interface Asked {
  /** `NAME:PASSWORD`; a name without @ is one of example.org with its usual password. */
  as?: string;
  key?: string;
  json?: unknown;
  lua?: string;
  /** A body as it is, said to be JSON unless headers say otherwise. */
  body?: BodyInit;
  headers?: Record<string, string>;
  from?: string;
}

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

export interface DataApp extends AsyncDisposable {
  readonly app: TestApp;
  readonly stored: FakeStorage;
  /** One request; a path without a slash at its start is below `/data/`. */
  call(method: string, path: string, asked?: Asked): Promise<Told>;
  /** As `call`, which must be refused like this: with a reason, and nothing written. */
  refused(status: number, method: string, path: string, asked?: Asked): Promise<Told>;
}

export const basic = (text: string | Uint8Array): string =>
  `Basic ${(typeof text === "string" ? new TextEncoder().encode(text) : text).toBase64()}`;

export async function createDataApp(
  { toml = usualStores, ...options }: Parameters<typeof createTestApp>[0] = {},
): Promise<DataApp> {
  const stored = createFakeStorage();
  const app = await createTestApp({ toml, ...options, prosody: { stored } });

  async function call(method: string, path: string, asked: Asked = {}): Promise<Told> {
    const { as, json, lua, body = json === undefined ? lua : JSON.stringify(json), key, from } = asked;
    const headers = new Headers(
      body === undefined ? {} : {
        "content-type": lua === undefined ? "application/json" : "text/x-lua",
      },
    );
    if (as !== undefined) {
      headers.set("authorization", basic(as.includes(":") ? as : `${as}@example.org:${as}'s secret`));
    }
    for (const [name, value] of Object.entries(asked.headers ?? {})) headers.set(name, value);
    const response = await app.fetch(path.startsWith("/") || path.includes("://") ? path : `/data/${path}`, {
      ...{ method, headers, ...(body !== undefined && { body }) },
      ...(key !== undefined && { key }),
      ...(from !== undefined && { from }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
    return {
      ...{ status: response.status, headers: response.headers, text },
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  return {
    app,
    stored,
    call,
    async refused(status, method, path, asked) {
      const tried = () => stored.calls.filter((one) => one.call === "set").length;
      const before = [[...stored.values], tried()];
      const told = await call(method, path, asked);
      assert.equal(told.status, status, `${method} ${path}: ${told.status} ${told.text}`);
      if (method !== "HEAD") {
        assert.equal(told.headers.get("content-type"), "application/problem+json");
        assert.equal(told.json.status, status);
        assert.ok(told.json.detail.length > 10, told.text);
      }
      if (status === 401) assert.match(told.headers.get("www-authenticate") ?? "", challenge);
      if (status === 503 || status === 429) assert.match(told.headers.get("retry-after") ?? "", /^[1-9]/);
      assert.deepEqual([[...stored.values], tried()], before, "nothing was written, or tried");
      return told;
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

const challenge = /^Basic realm="[\x20-\x7e]+\/data_access", charset="UTF-8", Bearer realm="[\x20-\x7e]+"$/;
