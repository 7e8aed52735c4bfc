import assert from "node:assert/strict";
import { z } from "zod";
import { checkShape } from "../../src/http/validate.ts";
import type { Problem } from "../../src/core/problem.ts";
import { createTestApp } from "../harness.ts";

const pair = ["john", "marie"];
const long = "x".repeat(4_000);

/** Method and path, what is sent, and each fault as it is told: `pointer: reason`. */
const cases: [string, unknown, ...string[]][] = [
  ["POST /v1/invites", 5, ": This must be an object."],
  ["POST /v1/invites", null, ": This must be an object."],
  ["POST /v1/invites", [], ": This must be an object."],
  ["POST /v1/invites", { username: 5 }, "/username: This must be text."],
  ["POST /v1/invites", { username: null }, "/username: This must be text."],
  ["POST /v1/invites", { username: long }, "/username: At most 1,024 characters."],
  ["POST /v1/invites", { register: "yes" }, "/register: This must be true or false."],
  ["POST /v1/invites", { max_uses: "1" }, "/max_uses: This must be a number."],
  ["POST /v1/invites", { max_uses: 1.5 }, "/max_uses: This must be a whole number."],
  ["POST /v1/invites", { max_uses: 0 }, "/max_uses: At least 1."],
  ["POST /v1/invites", { max_uses: 1_000_001 }, "/max_uses: At most 1,000,000."],
  ["POST /v1/invites", { max_uses: 1e30 }, "/max_uses: At most 1,000,000."],
  ["POST /v1/invites", { roles: "a" }, "/roles: This must be a list."],
  ["POST /v1/invites", { roles: Array(51).fill("a") }, "/roles: At most 50 items."],
  ["POST /v1/invites", { roles: ["a", 5] }, "/roles/1: This must be text."],
  ["POST /v1/invites", { note: long }, "/note: At most 1,000 characters."],
  [
    "POST /v1/invites",
    { ttl: true },
    '/ttl: Give whole seconds above 0 as a number, a time such as "12h" or "7d", or "never".',
  ],
  [
    "POST /v1/invites",
    { ttl: "soon" },
    '/ttl: Give whole seconds above 0 as a number, a time such as "12h" or "7d", or "never".',
  ],
  [
    "POST /v1/invites",
    { ttl: 0 },
    '/ttl: Give whole seconds above 0 as a number, a time such as "12h" or "7d", or "never".',
  ],
  [
    "POST /v1/invites",
    { uses: 1, "a/b": 1 },
    "/uses: This member is not known here.",
    "/a~1b: This member is not known here.",
  ],
  ["GET /v1/invites?state=odd", undefined, "/state: Use one of pending, paused, used, expired, revoked."],
  ["GET /v1/invites?limit=many", undefined, "/limit: This must be a number."],
  ["GET /v1/invites?limit=1.5", undefined, "/limit: This must be a whole number."],
  ["GET /v1/invites?limit=0", undefined, "/limit: At least 1."],
  ["GET /v1/invites?limit=1e300", undefined, "/limit: At most 200."],
  ["PATCH /v1/invites/x", { paused: 1 }, "/paused: This must be true or false."],
  ["PATCH /v1/invites/x", { note: 5 }, "/note: This must be text."],
  ["PATCH /v1/invites/x", { max_uses: 0 }, "/max_uses: At least 1."],
  [
    "PATCH /v1/invites/x",
    { expires_at: "soon" },
    '/expires_at: Give a time such as "2026-12-31T12:00:00Z", or null.',
  ],
  [
    "PATCH /v1/invites/x",
    { expires_at: 5 },
    '/expires_at: Give a time such as "2026-12-31T12:00:00Z", or null.',
  ],
  ["POST /v1/roster_pairs", { add: 5 }, "/add: This must be a list."],
  ["POST /v1/roster_pairs", { add: [{}] }, "/add/0/users: This is missing; it must be a list."],
  [
    "POST /v1/roster_pairs",
    { add: [5, { users: "john" }] },
    "/add/0: This must be an object.",
    "/add/1/users: This must be a list.",
  ],
  ["POST /v1/roster_pairs", { add: [{ users: ["john"] }] }, "/add/0/users: At least 2 items."],
  ["POST /v1/roster_pairs", { add: [{ users: [...pair, "ann"] }] }, "/add/0/users: At most 2 items."],
  [
    "POST /v1/roster_pairs",
    { add: [{ users: [5, long] }] },
    "/add/0/users/0: This must be text.",
    "/add/0/users/1: At most 3,071 characters.",
  ],
  ["POST /v1/roster_pairs", { remove: Array(1_001).fill({ users: pair }) }, "/remove: At most 1,000 items."],
  ["POST /v1/roster_pairs", {
    add: Array(600).fill({ users: pair }),
    remove: Array(600).fill({ users: pair }),
  }, ": A request may name 1000 pairs at most."],
  ["POST /v1/roster_pairs?dry_run=yes", {}, "/dry_run: Use one of true, false."],
  ["POST /v1/rosters", 5, ": This must be an object."],
  ["POST /v1/rosters", { roster: {} }, "/user: This is missing; it must be text."],
  ["POST /v1/rosters", { user: 5, roster: {} }, "/user: This must be text."],
  ["POST /v1/rosters", { user: "john" }, ': A line has either a "roster" or a "patch" beside its "user".'],
];

Deno.test("whatever a request has wrong is told in a plain sentence, at its place", async () => {
  await using app = await createTestApp();
  const scopes = ["invites:create", "invites:read", "rosters:read", "rosters:write"];
  const key = await app.key({ scopes });
  for (const [what, json, ...reasons] of cases) {
    const [method = "", path = ""] = what.split(" ");
    const lines = path === "/v1/rosters";
    const response = await app.fetch(path, {
      ...{ method, key },
      ...(lines
        ? { body: JSON.stringify(json) + "\n", headers: { "content-type": "application/x-ndjson" } }
        : { json }),
    });
    const name = `${what} ${JSON.stringify(json)}`.slice(0, 100);
    const text = await response.text();
    const body = JSON.parse(text.split("\n")[0]!);
    assert.equal(body.status, 422, `${name}: ${text}`);
    const told = body.errors.map(({ pointer, detail }: Record<string, string>) => `${pointer}: ${detail}`);
    assert.deepEqual(told, reasons, name);
  }
});

Deno.test("what no schema of ours asks for yet is told in plain words as well", () => {
  const odd: [z.ZodType, unknown, string][] = [
    [z.bigint(), 5, "This is of the wrong kind."],
    [z.literal("a"), "b", "Use a."],
    [z.string().min(1), "", "At least 1 character."],
    [z.string().regex(/a/), "b", "This will not do here."],
    [z.union([z.string(), z.number()]), true, "This will not do here."],
  ];
  for (const [schema, value, reason] of odd) {
    assert.throws(() => checkShape(schema, value, "body"), (error: Problem) => {
      assert.deepEqual(error.faults, [{ at: "", reason }]);
      return true;
    });
  }
});
