import assert from "node:assert/strict";
import type { RosterPush } from "../../src/prosody/prosody.ts";
import { createTestApp, type TestApp } from "../harness.ts";

// deno-lint-ignore no-explicit-any
export type Json = any;

export interface GroupApp extends AsyncDisposable {
  readonly app: TestApp;
  /** What Prosody was told, in order. */
  readonly told: { user: string; push: RosterPush }[];
  /** One request with a key that may do everything with groups and rosters, and its JSON. */
  call(
    method: string,
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: Json }>;
  /** The same, that must go well. */
  ok(method: string, path: string, json?: unknown): Promise<Json>;
  /** Somebody's roster as `JID without its host: [subscription, groups]`. */
  roster(user: string): Promise<Record<string, [string, string[]]>>;
}

const scopes = ["groups:read", "groups:write", "rosters:read", "rosters:write", "invites:create"];

export async function createGroupApp(options: Parameters<typeof createTestApp>[0] = {}): Promise<GroupApp> {
  const told: GroupApp["told"] = [];
  const app = await createTestApp({
    ...options,
    prosody: {
      isLinked: () => true,
      userExists: () => Promise.resolve(true),
      pushRoster: (_, user, push) => {
        if (push.items.length > 0) told.push({ user, push });
        return Promise.resolve(true);
      },
      ...options.prosody,
    },
  });
  const key = await app.key({ scopes });
  const call: GroupApp["call"] = async (method, path, json, headers = {}) => {
    const response = await app.fetch(path, { method, key, json, headers });
    const text = await response.text();
    const body = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body };
  };
  return {
    ...{ app, told, call },
    async ok(method, path, json) {
      const { status, body } = await call(method, path, json);
      assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(body)}`);
      return body;
    },
    async roster(user) {
      const { body } = await call("GET", `/v1/rosters/${user}`);
      return Object.fromEntries(
        Object.entries<Json>(body).map((
          [jid, item],
        ) => [jid.split("@")[0], [item.subscription, item.groups]]),
      );
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}
