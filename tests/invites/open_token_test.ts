import assert from "node:assert/strict";
import { configure, reset } from "@logtape/logtape";
import { operator } from "../../src/core/actor.ts";
import { createVault, systemRandom, tokenKey } from "../../src/core/token.ts";
import { sealContext } from "../../src/invites/invite.ts";
import { createTestApp } from "../harness.ts";

Deno.test("an invite that was sealed under another key is listed and shown without its link, works, and is logged once", async () => {
  await using stack = new AsyncDisposableStack();
  const logged: string[] = [];
  await configure({
    reset: true,
    sinks: {
      list: ({ level, message, properties }) => logged.push(`${level} ${message} ${properties.invite}`),
    },
    loggers: [
      { category: ["couplet"], sinks: ["list"], lowestLevel: "warning" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  stack.defer(reset);
  const app = stack.use(await createTestApp());
  const { invites } = app.services;
  const me = operator("example.org");
  const [lost, other, whole] = [
    await invites.create(me, {}, "once"),
    await invites.create(me, {}),
    await invites.create(me, {}),
  ];
  const vault = createVault(new Uint8Array(32).fill(8), systemRandom);
  for (const { host, token } of [lost, other]) {
    const token_key = tokenKey(token);
    const token_sealed = vault.seal(token, sealContext(host, token_key));
    await app.database.write(async (db) => {
      await db.updateTable("invite").set({ token_sealed }).where("token_key", "=", token_key).execute();
    });
  }

  const key = await app.key({ scopes: ["invites:create", "invites:read", "invites:revoke"] });
  const call = async (path: string, method = "GET") => {
    const response = await app.fetch(path, { key, method });
    return { status: response.status, text: await response.text() };
  };
  const { token: _, uri: _uri, landing_page: _page, register: _register, ...rest } = lost;
  const times = (one: { created_at: number; expires_at: number | null }) => ({
    created_at: new Date(one.created_at).toISOString(),
    expires_at: new Date(one.expires_at ?? 0).toISOString(),
  });
  const listed = await call("/v1/invites");
  assert.equal(listed.status, 200, listed.text);
  const page = JSON.parse(listed.text).invites;
  assert.deepEqual(page.map(({ id }: { id: string }) => id), [whole.id, other.id, lost.id]);
  assert.equal(page[0].landing_page, whole.landing_page);
  assert.deepEqual(page[2], { ...rest, ...times(lost) });
  const shown = await call(`/v1/invites/${lost.id}`);
  assert.equal(shown.status, 200, shown.text);
  assert.deepEqual(JSON.parse(shown.text), { ...rest, ...times(lost), redeemed_by: [] });
  // Whoever knows the token is told the link.
  assert.equal(JSON.parse((await call(`/v1/invites/${lost.token}`)).text).landing_page, lost.landing_page);
  assert.equal((await invites.findByToken("example.org", lost.token))?.state, "pending");
  await assert.rejects(invites.create(me, {}, "once"), { code: "conflict", detail: /cannot be shown/ });
  const records = await app.services.tokenRecords.list("example.org");
  assert.deepEqual(records.records.map(({ token }) => token), [whole.token]);
  assert.ok(await app.services.tokenRecords.get("example.org", lost.token));
  assert.equal((await call(`/v1/invites/${lost.id}`, "DELETE")).status, 204);
  assert.equal((await invites.findByToken("example.org", lost.token))?.state, "revoked");

  assert.equal(logged.length, 1, logged.join("\n"));
  assert.match(logged[0]!, /^error .*secret\.key/);
  assert.ok(logged[0]!.includes(other.id) && !logged[0]!.includes(other.token));
});
