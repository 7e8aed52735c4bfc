import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import type { InviteRequest } from "../../src/invites/request.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const host = "example.org";
const day = 86_400_000;
const me = operator(host);
const make = (app: TestApp, request: InviteRequest = {}) => app.services.invites.create(me, request);
const registers = (app: TestApp, token: string, username: string) =>
  app.services.redemption.reserve({ host, token, claim: username, username, exists: false });
const joins = (app: TestApp, token: string, contact: string, username = "ann") =>
  app.services.redemption.reserveContact({ host, token, claim: contact, username, contact });
const use = async (app: TestApp, token: string, username: string) => {
  await registers(app, token, username);
  await app.services.redemption.commit({ host, token, claim: username, jid: `${username}@${host}` });
};

Deno.test("an invite that does not expire is good after a hundred years, and forgotten once it is used", async () => {
  await using app = await createTestApp();
  const { redemption, invites, tokenRecords } = app.services;
  const [used, left, revoked] = [
    await make(app, { ttl: Infinity }),
    await make(app, { ttl: Infinity }),
    await make(app, { ttl: Infinity }),
  ];
  assert.equal(left.expires_at, null);
  app.advance(100 * 366 * day);
  await redemption.sweep();
  await use(app, used.token, "bob");
  await invites.revoke(me, revoked.token);
  app.advance(29 * day);
  await redemption.sweep();
  assert.equal((await invites.show(me, used.token)).state, "used");
  app.advance(day + 1);
  await redemption.sweep();
  for (const { token } of [used, revoked]) {
    await assert.rejects(invites.show(me, token), { code: "not-found" });
  }
  assert.equal((await invites.show(me, left.token)).state, "pending");
  assert.equal((await tokenRecords.get(host, left.token))?.expires, Date.UTC(9999, 0) / 1000);
});

Deno.test("where invites have to end, none is made that does not", async () => {
  await using app = await createTestApp({ toml: 'invites = { max_ttl = "30d" }' });
  for (const ttl of [Infinity, 31 * day]) {
    await assert.rejects(make(app, { ttl }), { code: "invalid", message: /30 days at most/ });
  }
  await make(app, { ttl: 30 * day });
});

Deno.test("an invite without a limit of uses is never used up", async () => {
  await using app = await createTestApp();
  const { token } = await make(app, { max_uses: null });
  for (let i = 0; i < 20; i++) await use(app, token, `u${i}`);
  const { state, uses, max_uses } = await app.services.invites.show(me, token);
  assert.deepEqual([state, uses, max_uses], ["pending", 20, null]);
  assert.equal((await app.services.tokenRecords.get(host, token))?.reusable, true);
});

Deno.test("a key with limits makes nothing that has none", async () => {
  await using app = await createTestApp();
  const actor = { ...me, limits: { ttl: 3600, uses: 5 } };
  const { invites } = app.services;
  await assert.rejects(invites.create(actor, { ttl: Infinity }), { code: "not-allowed" });
  await assert.rejects(invites.create(actor, { max_uses: null }), { code: "not-allowed" });
  const { token, expires_at, created_at } = await invites.create(actor, { max_uses: 5 });
  assert.equal((expires_at ?? 0) - created_at, 3_600_000);
  for (const change of [{ ttl: Infinity }, { expires_at: null }, { max_uses: null }, { ttl: 3_601_000 }]) {
    await assert.rejects(invites.change(actor, token, change), { code: "not-allowed" });
  }
  app.advance(1_800_000);
  await assert.rejects(invites.change(actor, token, { ttl: 1_801_000 }), { code: "not-allowed" }, "in all");
});

Deno.test("a contact invite for a JID or a domain is accepted by nobody else", async () => {
  await using app = await createTestApp();
  const [one, many] = [
    await make(app, { contact: "ann", for: "Bob@Elsewhere.example" }),
    await make(app, { contact: "ann", for: "elsewhere.example", max_uses: null }),
  ];
  assert.deepEqual([one.for, many.for], ["bob@elsewhere.example", "elsewhere.example"]);
  for (const contact of ["eve@elsewhere.example", "bob@example.org", "elsewhere.example"]) {
    await assert.rejects(joins(app, one.token, contact), { code: "invite-mismatch" });
  }
  await joins(app, one.token, "bob@elsewhere.example");
  for (const contact of ["bob@example.org", "bob@not.elsewhere.example", "elsewhere.example@example.org"]) {
    await assert.rejects(joins(app, many.token, contact), { code: "invite-mismatch" });
  }
  await joins(app, many.token, "bob@elsewhere.example");
  await joins(app, many.token, "eve@elsewhere.example");
});

Deno.test("a contact invite that registers for one name keeps it, and is for that name alone", async () => {
  await using app = await createTestApp();
  const { token, uri } = await make(app, { contact: "ann", register: true, for: "bob@example.org" });
  assert.equal(uri, `xmpp:bob@example.org?register;preauth=${token}`);
  await assert.rejects(make(app, { username: "bob" }), { code: "username-reserved" });
  await assert.rejects(make(app, { contact: "eve", register: true, for: "bob@example.org" }), {
    code: "username-reserved",
  });
  await assert.rejects(registers(app, (await make(app)).token, "bob"), { code: "username-reserved" });
  await assert.rejects(registers(app, token, "eve"), { code: "invite-mismatch" });
  await registers(app, token, "bob");
  const open = await make(app, { contact: "ann", register: true, for: "example.org" });
  assert.equal(open.uri, `xmpp:ann@example.org?roster;preauth=${open.token};ibr=y`);
  await registers(app, open.token, "carol");
});

Deno.test("a name that is taken gets no contact invite that registers it", async () => {
  await using app = await createTestApp({ prosody: { userExists: () => Promise.resolve(true) } });
  await assert.rejects(make(app, { contact: "ann", register: true, for: "bob@example.org" }), {
    code: "username-taken",
  });
  await make(app, { contact: "ann", for: "bob@example.org" });
});

Deno.test("a paused invite is refused, is not there for Prosody, keeps its name, and is good when resumed", async () => {
  await using app = await createTestApp();
  const { invites, tokenRecords } = app.services;
  const { token } = await make(app, { username: "bob" });
  const contact = await make(app, { contact: "ann" });
  for (const one of [token, contact.token]) {
    assert.equal((await invites.change(me, one, { paused: true })).state, "paused");
  }
  await assert.rejects(registers(app, token, "bob"), { code: "invite-paused" });
  await assert.rejects(joins(app, contact.token, "eve@example.org"), { code: "invite-paused" });
  assert.equal(await tokenRecords.get(host, token), undefined);
  assert.equal(await tokenRecords.getContact(host, "ann", contact.token), undefined);
  assert.equal((await tokenRecords.list(host)).records.length, 0);
  await assert.rejects(make(app, { username: "bob" }), { code: "username-reserved" });
  const page = await invites.list(me, { state: "paused", limit: 10 });
  assert.equal(page.invites.length, 2);
  assert.equal((await invites.change(me, token, { paused: false })).state, "pending");
  await registers(app, token, "bob");
});

Deno.test("without an invite an account is made only where the host says so", async () => {
  const toml = '[hosts."example.org"]\n[hosts."example.net".invites]\nregistration_invite_only = false';
  await using app = await createTestApp({ toml });
  const { redemption } = app.services;
  await assert.rejects(redemption.reserve({ host, username: "bob", exists: false }), { code: "not-allowed" });
  await redemption.reserve({ host: "example.net", username: "bob", exists: false });
});

Deno.test("who has shown an invite in time may register with it for an hour", async () => {
  await using app = await createTestApp();
  const { redemption, invites } = app.services;
  const [token, revoked] = [(await make(app, { ttl: 60_000 })).token, (await make(app)).token];
  const start = app.now();
  const attempt = { host, token, claim: "c", username: "bob", exists: false };
  app.advance(60_000);
  await assert.rejects(redemption.reserve(attempt), { code: "invite-spent" });
  await assert.rejects(redemption.reserve({ ...attempt, shownAt: app.now() }), { code: "invite-spent" });
  await redemption.reserve({ ...attempt, shownAt: start + 59_000 });
  await redemption.release(attempt);
  await invites.revoke(me, revoked);
  await assert.rejects(redemption.reserve({ ...attempt, token: revoked, shownAt: start }), {
    code: "invite-spent",
  });
  app.advance(3_600_000);
  await assert.rejects(redemption.reserve({ ...attempt, shownAt: start }), { code: "invite-spent" });
});
