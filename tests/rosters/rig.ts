import assert from "node:assert/strict";
import { createTestApp, type TestApp } from "../harness.ts";

export const both = ["rosters:read", "rosters:write"];

export interface RosterApp extends AsyncDisposable {
  readonly app: TestApp;
  /** One request with a key that may do everything with rosters, and its JSON. */
  call(
    method: string,
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: Json }>;
  /** The roster of john, or of somebody else. */
  roster(user?: string): Promise<Json>;
}

// deno-lint-ignore no-explicit-any
export type Json = any;

export async function createRosterApp(options: Parameters<typeof createTestApp>[0] = {}): Promise<RosterApp> {
  const app = await createTestApp(options);
  const key = await app.key({ scopes: both });
  const call: RosterApp["call"] = async (method, path, json, headers = {}) => {
    const response = await app.fetch(path, { method, key, json, headers });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  };
  return {
    app,
    call,
    async roster(user = "john") {
      const { status, body } = await call("GET", `/v1/rosters/${user}`);
      assert.equal(status, 200);
      return body;
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** A contact as a roster shows it. */
export const contact = (name?: string, groups: string[] = [], subscription = "both") => ({
  ...(name !== undefined && { name }),
  ...{ groups, subscription },
});
