import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../src/config.ts";
import { operator } from "../../src/core/actor.ts";
import { Problem } from "../../src/core/problem.ts";
import { askers, people, type Who, withKeys } from "./askers.ts";
import { createDataApp } from "./rig.ts";

/** What the docs promise: who may do this with what is john's. */
function isAllowed(
  who: Who,
  store: string,
  way: "read" | "write",
  forUsers: string[],
  forAdmins: string[],
): boolean {
  const asker = askers[who];
  if (["roster", "invite_token"].includes(store)) return false;
  const scopes: readonly string[] = "scopes" in asker ? asker.scopes : [];
  const isTrusted = who === "admin" || scopes.includes(`data:${way}`);
  if (forUsers.includes(store)) return who === "john" || isTrusted;
  if (!forAdmins.includes(store) || !isTrusted) return false;
  if (scopes.includes("data:secrets")) return true;
  if (["cloud_notify", "auth_tokens", "smacks_h", "otp", "passwords"].includes(store)) return false;
  return way === "read" || who === "admin" || !["accounts", "account_roles", "roles"].includes(store);
}

Deno.test("nobody but as documented reads or writes what is john's, whatever a host has set", async () => {
  const plain = ["notes", "list", "vcard", "offline", "pep_nick"];
  const guarded = [
    "accounts",
    "account_roles",
    "roles",
    "cloud_notify",
    "auth_tokens",
    "smacks_h",
    "otp",
    "passwords",
  ];
  const stores = [...plain, ...guarded, "roster", "invite_token", "Notes", "notes_", "unlisted"];
  const settings = fc.record({
    forUsers: fc.subarray(plain),
    forAdmins: fc.subarray([...plain, ...guarded]),
    asked: fc.array(
      fc.record({
        who: fc.constantFrom(...people),
        store: fc.constantFrom(...stores),
        method: fc.constantFrom("GET", "PUT", "POST", "PATCH", "DELETE"),
        api: fc.boolean(),
      }),
      { minLength: 25, maxLength: 25 },
    ),
  });
  const vcard = '{attr={xmlns="vcard-temp"},name="vCard"}';
  await fc.assert(
    fc.asyncProperty(settings, async ({ forUsers, forAdmins, asked }) => {
      const list = (names: string[]) => JSON.stringify(names);
      await using rig = await createDataApp({
        toml: `data.user_stores = ${list(forUsers)}\ndata.admin_stores = ${list(forAdmins)}`,
      });
      const { call, stored } = rig;
      const credentials = await withKeys(rig);
      for (const { who, store, method, api } of asked) {
        const before = store === "vcard" ? vcard : '{x="there"}';
        for (const one of stores) stored.values.set(`john/${one}`, one === store ? before : "{y=1}");
        const way = method === "GET" ? "read" : "write";
        const allowed = isAllowed(who, store, way, forUsers, forAdmins);
        const path = api ? `/v1/data/john/${store}` : `example.org/john/${store}`;
        const json = method === "GET" || method === "DELETE"
          ? {}
          : { json: store === "vcard" ? { name: "vCard", attr: { xmlns: "vcard-temp" } } : { x: "new" } };
        const headers = method === "PATCH"
          ? { headers: { "content-type": "application/merge-patch+json" } }
          : {};
        const told = await call(method, path, { ...credentials(who), ...json, ...headers });
        const said = `${who} ${method} ${store}: ${told.status} ${told.text}`;
        if (allowed) assert.ok(told.status < 300 || told.status === 409, said);
        else {
          assert.equal(told.status, who === "nobody" ? 401 : 403, said);
          assert.equal(stored.values.get(`john/${store}`), before, said);
          assert.ok(!told.text.includes("there"), said);
        }
        for (const one of stores) {
          if (one !== store) assert.equal(stored.values.get(`john/${one}`), "{y=1}", said);
        }
      }
    }),
    { numRuns: 25 },
  );
});

Deno.test("no setting gives users a store that holds secrets or powers, or one with an address of its own", async () => {
  for (
    const store of [
      ...[
        "accounts",
        "account_details",
        "account_roles",
        "roles",
        "tokens",
        "auth_tokens",
        "invite_token",
        "roster",
      ],
      ...[
        "invite_api_keys",
        "cloud_notify",
        "smacks_h",
        "sasl2_fast",
        "TOKENS",
        "otp",
        "user_passwords",
        "a-b",
        "",
      ],
    ]
  ) {
    await assert.rejects(
      createDataApp({ toml: `data.user_stores = [${JSON.stringify(store)}]` }),
      (error) => error instanceof ConfigError && error.message.includes("data.user_stores"),
      store,
    );
  }
  await assert.rejects(createDataApp({ toml: 'data.admin_stores = ["roster"]' }), /addresses of their own/);
  await assert.rejects(
    createDataApp({ toml: '[hosts."example.org".data]\nuser_stores = ["accounts"]', hosts: [] }),
    (error) => error instanceof Error,
  );
});

Deno.test("rosters and invites are told where they are, to who may be told anything", async () => {
  await using rig = await createDataApp();
  const key = await rig.app.key({ scopes: ["data:read", "data:write", "data:secrets"] });
  const roster = await rig.refused(403, "GET", "example.org/john/roster", { key });
  assert.match(roster.json.detail, /\/v1\/rosters\/john/);
  assert.match((await rig.refused(403, "GET", "invite_token", { as: "john" })).json.detail, /\/v1\/invites/);
  await rig.refused(401, "GET", "roster");
  const { services } = rig.app;
  await assert.rejects(
    services.userData.get(services.trusted(operator("example.org")), { user: "john", store: "roster" }),
    (error) => error instanceof Problem && error.code === "not-allowed",
  );
});
