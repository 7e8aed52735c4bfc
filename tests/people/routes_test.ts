import assert from "node:assert/strict";
import { createTestApp } from "../harness.ts";
import { invite } from "./rig.ts";

const routes = [
  ["GET", "/v1/invite_tree", "people:read"],
  ["GET", "/v1/invite_tree/ann", "people:read"],
  ["POST", "/v1/invite_tree/ann/freeze", "invites:revoke"],
  ["POST", "/v1/invite_tree/ann/thaw", "invites:revoke"],
  ["POST", "/v1/invite_tree/ann/revoke", "invites:revoke"],
  ["GET", "/v1/invite_alarms", "people:read"],
  ["GET", "/v1/people/ann/export", "people:read"],
  ["DELETE", "/v1/people/ann", "people:erase"],
] as const;

Deno.test("people are shown and changed with a key of this host and the right scope, and without one not", async () => {
  await using app = await createTestApp();
  await invite(app, undefined, "ann");
  const every = [...new Set(routes.map(([, , scope]) => scope))];
  for (const [method, path, scope] of routes) {
    const ask = async (key?: string) => (await app.fetch(path, { method, ...(key && { key }) })).status;
    assert.equal(await ask(), 401, path);
    assert.equal(await ask(await app.key({ host: "example.net", scopes: every })), 401, path);
    const others = every.filter((other) => other !== scope);
    assert.equal(
      await ask(await app.key({ scopes: ["invites:create", "invites:read", ...others] })),
      403,
      path,
    );
    assert.ok([200, 204].includes(await ask(await app.key({ scopes: [scope] }))), path);
  }
});

Deno.test("what is asked wrongly is refused in words", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: ["people:read", "people:erase", "invites:revoke"] });
  const ask = async (method: string, path: string) => {
    const answer = await app.fetch(path, { method, key });
    return [answer.status, answer.headers.get("allow") ?? (await answer.json()).title];
  };
  const invalid = [422, "Some values are not valid"];
  for (
    const path of ["?depth=0", "?depth=x", "?depth=51", "?limit=201", "?colour=red", "?after=x", "?after=-1"]
  ) {
    assert.deepEqual(await ask("GET", `/v1/invite_tree${path}`), invalid, path);
  }
  assert.deepEqual(await ask("GET", "/v1/invite_alarms?after=1e9"), invalid);
  assert.deepEqual(await ask("GET", "/v1/people/a%40b/export"), invalid);
  assert.deepEqual(await ask("DELETE", "/v1/people/%00"), invalid);
  assert.deepEqual(await ask("POST", "/v1/invite_tree/ann/freeze?dry_run=yes"), invalid);
  assert.deepEqual(await ask("GET", "/v1/invite_tree/ann/freeze"), [405, "POST"]);
  assert.deepEqual(await ask("POST", "/v1/invite_tree"), [405, "GET, HEAD"]);
  assert.deepEqual(await ask("GET", "/v1/people/ann"), [405, "DELETE"]);
  assert.equal((await ask("POST", "/v1/invite_tree/ann/melt"))[0], 404);
});
