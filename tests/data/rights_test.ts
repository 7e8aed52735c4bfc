import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../src/config.ts";
import { operator } from "../../src/core/actor.ts";
import { Problem } from "../../src/core/problem.ts";
import { type Asked, createDataApp, type DataApp } from "./rig.ts";

/** Who may ask, beside the command line. */
const askers = {
  john: { as: "john" },
  marie: { as: "marie" },
  admin: { as: "admin" },
  reader: { scopes: ["data:read"] },
  writer: { scopes: ["data:write"] },
  both: { scopes: ["data:read", "data:write"] },
  all: { scopes: ["data:read", "data:write", "data:secrets"] },
  none: { scopes: ["invites:create", "rosters:read", "rosters:write"] },
  nobody: {},
} as const;
type Who = keyof typeof askers;
const people = Object.keys(askers) as Who[];

async function withKeys(rig: DataApp): Promise<(who: Who) => Asked> {
  const keys = new Map<string, string>();
  for (const who of people) {
    const asker = askers[who];
    if ("scopes" in asker) keys.set(who, await rig.app.key({ scopes: [...asker.scopes] }));
  }
  return (who) => {
    const asker = askers[who];
    const key = keys.get(who);
    return { ...("as" in asker && asker), ...(key !== undefined && { key }) };
  };
}

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
  return !["cloud_notify", "auth_tokens", "smacks_h", "otp", "passwords"].includes(store) ||
    scopes.includes("data:secrets");
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

const account = '{iteration_count=4096,salt="SALT",server_key="SERVER",stored_key="STORED",' +
  'deep={{password="P1"},{list={token="T1",name="n"}}}}';
const secrets = ["SALT", "SERVER", "STORED", "P1", "T1"];

Deno.test("what an account can be taken over with is hidden at every depth, unless data:secrets says otherwise", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/accounts", account);
  const credentials = await withKeys(rig);
  for (const who of ["admin", "reader", "both"] as const) {
    for (
      const path of ["example.org/john/accounts", "example.org/john/accounts/lua", "/v1/data/john/accounts"]
    ) {
      const told = await rig.call("GET", path, credentials(who));
      assert.equal(told.status, 200);
      assert.ok(secrets.every((secret) => !told.text.includes(secret)), told.text);
      assert.equal(told.text.split("[redacted]").length, 6, told.text);
      assert.ok(told.text.includes("4096"));
    }
  }
  const whole = await rig.call("GET", "example.org/john/accounts", credentials("all"));
  assert.ok(secrets.every((secret) => whole.text.includes(secret)));
  await rig.refused(403, "GET", "accounts", { as: "john" });
});

Deno.test("what is hidden is neither written back as hidden nor brought to light by a patch", async () => {
  await using rig = await createDataApp();
  const { call, refused, stored } = rig;
  const text = '{nick="n",password="P1"}';
  stored.values.set("john/accounts", text);
  const credentials = await withKeys(rig);
  const path = "/v1/data/john/accounts";
  const { json } = await call("GET", path, { as: "admin" });
  assert.deepEqual(json, { nick: "n", password: "[redacted]" });
  const back = await refused(422, "PUT", path, { as: "admin", json });
  assert.match(back.json.detail, /hidden/);
  await refused(422, "PUT", path, { as: "admin", json: { a: [{ b: "[redacted]" }] } });
  for (
    const operation of [
      { op: "copy", from: "/password", path: "/nick" },
      { op: "move", from: "/password", path: "/nick" },
      { op: "copy", from: "", path: "/nick" },
      { op: "test", path: "/password", value: "P1" },
      { op: "test", path: "/password", value: "P2" },
    ]
  ) {
    for (const who of ["admin", "both"] as const) {
      const told = await refused(403, "PATCH", path, {
        ...{ ...credentials(who), json: [operation] },
        headers: { "content-type": "application/json-patch+json" },
      });
      assert.match(told.json.detail, /data:secrets/);
    }
  }
  const patch = (asked: Asked, type: string) =>
    call("PATCH", path, { ...asked, headers: { "content-type": `application/${type}+json` } });
  assert.equal((await patch({ as: "admin", json: { nick: "m" } }, "merge-patch")).status, 204);
  assert.equal(stored.values.get("john/accounts"), '{nick="m",password="P1"}', "what is hidden stays");
  const replace = [{ op: "replace", path: "/nick", value: "o" }];
  assert.equal((await patch({ as: "admin", json: replace }, "json-patch")).status, 204);
  const copy = [{ op: "copy", from: "/password", path: "/nick" }];
  assert.equal((await patch({ ...credentials("all"), json: copy }, "json-patch")).status, 204);
  assert.equal(stored.values.get("john/accounts"), '{nick="P1",password="P1"}');
  // In one's own store this is a text as any other.
  assert.equal((await call("PUT", "notes", { as: "john", json: { a: "[redacted]" } })).status, 201);
});

Deno.test("versions hide what the store hides, and undo puts back what was hidden", async () => {
  await using rig = await createDataApp();
  const { call, stored } = rig;
  stored.values.set("john/accounts", '{nick="n",password="P1"}');
  assert.equal(
    (await call("PUT", "/v1/data/john/accounts", { as: "admin", json: { nick: "x" } })).status,
    201,
  );
  const { json } = await call("GET", "/v1/data/john/accounts/versions", { as: "admin" });
  const old = await call("GET", `/v1/data/john/accounts/versions/${json.versions[0].id}`, { as: "admin" });
  assert.deepEqual(old.json, { nick: "n", password: "[redacted]" });
  assert.equal((await call("POST", "/v1/data/john/accounts/undo", { as: "admin" })).status, 204);
  assert.equal(stored.values.get("john/accounts"), '{nick="n",password="P1"}');
});

Deno.test("where secrets cannot be told from the rest nothing is shown without data:secrets", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/cloud_notify", '{p={{name="field",attr={var="secret"},{name="value","S3"}}}}');
  const credentials = await withKeys(rig);
  for (const who of ["admin", "both"] as const) {
    for (const path of ["example.org/john/cloud_notify", "/v1/data/john/cloud_notify/versions"]) {
      const told = await rig.refused(403, "GET", path, credentials(who));
      assert.match(told.json.detail, /data:secrets/);
    }
    await rig.refused(403, "PUT", "example.org/john/cloud_notify", { ...credentials(who), json: { a: 1 } });
  }
  const told = await rig.call("GET", "example.org/john/cloud_notify", credentials("all"));
  assert.ok(told.text.includes("S3"));
});
