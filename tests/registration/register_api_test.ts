import assert from "node:assert/strict";
import { createRig, me, password } from "./rig.ts";

const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "Content-Type",
  "access-control-allow-methods": "OPTIONS, GET, POST",
  "access-control-max-age": "7200",
};

function requireCors(headers: Headers, what: string): void {
  for (const [name, value] of Object.entries(cors)) {
    assert.equal(headers.get(name), value, `${what}: ${name}`);
  }
}

Deno.test("an invite is described as mod_invites_register_api does it", async () => {
  await using rig = await createRig();
  const account = await rig.invite();
  const reset = await rig.invite({ reset: "user" });
  const contact = await rig.invite({ contact: "user", register: true });
  const common = { domain: "example.org", site_name: "example.org" };
  for (
    const [token, described] of [
      [account, { type: "register", uri: `xmpp:example.org?register;preauth=${account}` }],
      [reset, { type: "register", uri: `xmpp:user@example.org?register;preauth=${reset}`, reset: "user" }],
      [contact, {
        type: "roster",
        uri: `xmpp:user@example.org?roster;preauth=${contact};ibr=y`,
        inviter: "user",
      }],
    ] as const
  ) {
    const answer = await rig.app.fetch(`/register_api/invite/${token}`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
    requireCors(answer.headers, token);
    assert.deepEqual(await answer.json(), { ...common, ...described, token });
  }
});

Deno.test("an invite that cannot be used is 404 there, with a problem for its body", async () => {
  await using rig = await createRig();
  const revoked = await rig.invite();
  await rig.app.services.invites.revoke(me, revoked);
  for (const token of [revoked, "bogus", "%00"]) {
    const answer = await rig.app.fetch(`/register_api/invite/${token}`);
    assert.equal(answer.status, 404, token);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    requireCors(answer.headers, token);
  }
  assert.equal((await rig.app.fetch("/register_api/invite/")).status, 404);
  assert.equal((await rig.app.fetch("/register_api/invite")).status, 404);
  const other = await rig.app.fetch(`http://example.net/register_api/invite/${await rig.invite()}`);
  assert.equal(other.status, 404);
});

Deno.test("an account is made once, with a password that will do, under the original's statuses", async () => {
  await using rig = await createRig();
  rig.accounts.set("admin@example.org", "x");
  const token = await rig.invite();
  const register = (json: unknown) => rig.post("/register_api/register", json);
  const cases: [unknown, number][] = [
    [{ username: "Apiuser", password, token: "bogus" }, 404],
    [{ username: "Apiuser", token }, 400],
    [{ username: "a b", password, token }, 400],
    [{ username: "Apiuser", password: "x", token }, 400],
    [{ username: 5, password, token }, 400],
    [{ username: "admin", password, token }, 409],
    [{}, 400],
    [[], 400],
  ];
  for (const [json, status] of cases) {
    const answer = await register(json);
    assert.equal(answer.status, status, JSON.stringify(json));
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    requireCors(answer.headers, JSON.stringify(json));
  }
  const done = await register({ username: "Apiuser", password, token });
  assert.deepEqual([done.status, await done.text()], [200, '{"jid":"apiuser@example.org"}']);
  requireCors(done.headers, "done");
  assert.equal((await register({ username: "apiuser2", password, token })).status, 404);
  assert.equal(rig.accounts.size, 2);
});

Deno.test("a reset is for its account, once, and makes none", async () => {
  await using rig = await createRig();
  rig.accounts.set("user@example.org", "old");
  const token = await rig.invite({ reset: "user" });
  const register = (username: string) => rig.post("/register_api/register", { username, password, token });
  assert.equal((await register("john")).status, 403);
  const done = await register("user");
  assert.deepEqual([done.status, await done.json()], [200, { jid: "user@example.org" }]);
  assert.equal((await register("user")).status, 404);
  const late = await rig.invite({ reset: "gone" });
  assert.equal(
    (await rig.post("/register_api/register", { username: "gone", password, token: late })).status,
    403,
  );
  assert.deepEqual([...rig.accounts], [["user@example.org", password]]);
});

Deno.test("web pages of anybody may ask, and other methods are told which there are", async () => {
  await using rig = await createRig();
  for (const path of ["/register_api/register", "/register_api/invite/x"]) {
    const preflight = await rig.app.fetch(path, {
      method: "OPTIONS",
      headers: { origin: "https://a.example" },
    });
    assert.equal(preflight.status, 200);
    requireCors(preflight.headers, path);
    const put = await rig.app.fetch(path, { method: "PUT" });
    assert.equal(put.status, 405);
    assert.match(put.headers.get("allow") ?? "", /OPTIONS/);
  }
  const body = "user=a";
  const form = await rig.app.fetch("/register_api/register", { method: "POST", body });
  assert.equal(form.status, 400);
});
