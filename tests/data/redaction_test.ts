import assert from "node:assert/strict";
import { withKeys } from "./askers.ts";
import { type Asked, createDataApp } from "./rig.ts";

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
