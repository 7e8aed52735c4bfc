import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import type { InviteRequest } from "../../src/invites/request.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const host = "example.org";
const me = operator(host);
const make = async (app: TestApp, request: InviteRequest = {}) =>
  (await app.services.invites.create(me, request)).token;
const attempt = (token: string, username: string, exists = false) => ({
  host,
  token,
  claim: `claim of ${username}`,
  username,
  exists,
});
const stateOf = async (app: TestApp, token: string) => {
  const invite = await app.services.invites.show(me, token);
  return `${invite.state} ${invite.uses}`;
};

for (const uses of [1, 7]) {
  Deno.test(`of 50 attempts at once on an invite of ${uses} use(s), ${uses} succeed`, async () => {
    await using app = await createTestApp();
    const { redemption } = app.services;
    const token = await make(app, { max_uses: uses });
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => redemption.reserve(attempt(token, `u${i}`))),
    );
    assert.equal(all.filter(({ status }) => status === "fulfilled").length, uses);
    for (const [i, { status }] of all.entries()) {
      if (status === "fulfilled") {
        await redemption.commit({ ...attempt(token, `u${i}`), jid: `u${i}@${host}` });
      }
    }
    assert.equal(await stateOf(app, token), `used ${uses}`);
    const { redeemed_by } = await app.services.invites.show(me, token);
    assert.equal(redeemed_by.length, uses);
  });
}

Deno.test("a hold keeps others out until it is given back, or until it ends by itself", async () => {
  let exists: boolean | undefined = false;
  await using app = await createTestApp({ prosody: { userExists: () => Promise.resolve(exists) } });
  const { redemption } = app.services;
  const token = await make(app);
  await redemption.reserve(attempt(token, "ann"));
  await assert.rejects(redemption.reserve(attempt(token, "bob")), { code: "invite-spent" });
  await redemption.release(attempt(token, "ann"));
  await redemption.release(attempt(token, "ann"));
  await redemption.reserve(attempt(token, "bob"));
  app.advance(60_000);
  await redemption.sweep();
  await redemption.reserve(attempt(token, "eve"));
  assert.equal(await stateOf(app, token), "pending 0");
  exists = undefined;
  app.advance(3_600_000);
  await redemption.sweep();
  await assert.rejects(
    redemption.reserve(attempt(token, "ann")),
    { code: "invite-spent" },
    "while Prosody is away nobody knows whether eve was registered",
  );
  exists = true;
  await redemption.sweep();
  assert.equal(await stateOf(app, token), "used 1");
});

Deno.test("the same claim asked, counted or given back twice is one", async () => {
  await using app = await createTestApp();
  const { redemption } = app.services;
  const token = await make(app, { max_uses: 2 });
  const ann = attempt(token, "ann");
  await redemption.reserve(ann);
  await redemption.reserve(ann);
  for (let i = 0; i < 2; i++) await redemption.commit({ ...ann, jid: "ann@example.org" });
  await redemption.release(ann);
  assert.equal(await stateOf(app, token), "pending 1");
});

Deno.test("a use that Prosody reports after its hold has ended is counted all the same", async () => {
  await using app = await createTestApp();
  const { redemption } = app.services;
  const token = await make(app);
  await redemption.reserve(attempt(token, "ann"));
  app.advance(120_000);
  await redemption.sweep();
  await redemption.commit({ ...attempt(token, "ann"), jid: "ann@example.org" });
  assert.equal(await stateOf(app, token), "used 1");
});

Deno.test("when Prosody made the account and died before saying so, the use counts before its hold ends", async () => {
  let exists: boolean | undefined = true;
  await using app = await createTestApp({ prosody: { userExists: () => Promise.resolve(exists) } });
  exists = false;
  const [registered, failed] = [await make(app), await make(app)];
  await app.services.redemption.reserve(attempt(registered, "ann"));
  await app.services.redemption.reserve(attempt(failed, "bob"));
  app.advance(50_000);
  exists = true;
  await app.services.redemption.sweep();
  assert.equal(await stateOf(app, registered), "used 1");
  exists = undefined;
  const unknown = await make(app);
  await app.services.redemption.reserve(attempt(unknown, "eve"));
  app.advance(2 * 86_400_000);
  await app.services.redemption.sweep();
  assert.equal(await stateOf(app, unknown), "pending 0", "after a day nobody will say any more");
});

Deno.test("an invite is for the name, the account and the purpose that it was made for", async () => {
  await using app = await createTestApp();
  const { redemption } = app.services;
  const bound = await make(app, { username: "ann" });
  const reset = await make(app, { reset: "bob" });
  const contact = await make(app, { contact: "bob" });
  const both = await make(app, { contact: "bob", register: true });
  const refused = (promise: Promise<void>, code: string) => assert.rejects(promise, { code });
  await refused(redemption.reserve(attempt(bound, "eve")), "invite-mismatch");
  await refused(redemption.reserve(attempt(reset, "eve", true)), "invite-mismatch");
  await refused(redemption.reserve(attempt(reset, "bob", false)), "invite-mismatch");
  await refused(redemption.reserve(attempt(contact, "eve")), "invite-mismatch");
  await refused(redemption.reserve(attempt(both, "bob", true)), "username-taken");
  await refused(redemption.reserve(attempt("0123456789abcdefghij1234", "eve")), "invite-unknown");
  await refused(redemption.reserve({ ...attempt(bound, "ann"), host: "example.net" }), "invite-unknown");
  await redemption.reserve(attempt(bound, "ann"));
  await redemption.reserve(attempt(reset, "bob", true));
  await redemption.reserve(attempt(both, "eve"));
});

Deno.test("a name that an invite keeps is taken neither by another invite nor without one", async () => {
  await using app = await createTestApp({ toml: "invites = { registration_invite_only = false }" });
  const { redemption } = app.services;
  const [bound, open] = [await make(app, { username: "ann" }), await make(app)];
  await assert.rejects(redemption.reserve(attempt(open, "ann")), { code: "username-reserved" });
  await assert.rejects(redemption.reserve({ host, username: "ann", exists: false }), {
    code: "username-reserved",
  });
  await redemption.reserve({ host, username: "bob", exists: false });
  await redemption.reserve(attempt(bound, "ann"));
  const other = await make(app);
  await redemption.reserve(attempt(open, "bob"));
  await assert.rejects(redemption.reserve({ ...attempt(other, "bob"), claim: "another" }), {
    code: "username-reserved",
  });
  await assert.rejects(app.services.invites.create(me, { username: "bob" }), { code: "username-reserved" });
});

Deno.test("used, expired and revoked invites each say what has become of them", async () => {
  await using app = await createTestApp();
  const { redemption, invites } = app.services;
  const [used, expired, revoked] = [await make(app), await make(app, { ttl: 1000 }), await make(app)];
  await redemption.reserve(attempt(used, "ann"));
  await redemption.commit({ ...attempt(used, "ann"), jid: "ann@example.org" });
  await invites.revoke(me, revoked);
  app.advance(1000);
  await assert.rejects(redemption.reserve(attempt(used, "x")), {
    code: "invite-spent",
    message: /has been used/,
  });
  await assert.rejects(redemption.reserve(attempt(expired, "x")), {
    code: "invite-spent",
    message: /expired/,
  });
  await assert.rejects(redemption.reserve(attempt(revoked, "x")), {
    code: "invite-spent",
    message: /withdrawn/,
  });
});

Deno.test("what ended longer ago than the retention time is deleted, with who redeemed it", async () => {
  await using app = await createTestApp({ toml: 'invites = { retention = "2d" }' });
  const { redemption, invites } = app.services;
  const [old, used] = [await make(app, { ttl: 1000 }), await make(app, { ttl: 1000 })];
  await redemption.reserve(attempt(used, "ann"));
  await redemption.commit({ ...attempt(used, "ann"), jid: "ann@example.org" });
  app.advance(86_400_000);
  await redemption.sweep();
  assert.equal(await stateOf(app, old), "expired 0");
  app.advance(86_400_000 + 1001);
  const young = await make(app);
  await redemption.sweep();
  for (const gone of [old, used]) await assert.rejects(invites.show(me, gone), { code: "not-found" });
  assert.equal(await stateOf(app, young), "pending 0");
  assert.deepEqual(await app.database.db.selectFrom("redemption").selectAll().execute(), []);
});

Deno.test("an account that is deleted takes its invitations and resets with it, and no name that is kept", async () => {
  await using app = await createTestApp();
  const [contact, reset, kept] = [
    await make(app, { contact: "ann" }),
    await make(app, { reset: "ann" }),
    await make(app, { username: "ann" }),
  ];
  await app.services.redemption.purge(host, "ann");
  assert.deepEqual(
    [await stateOf(app, contact), await stateOf(app, reset), await stateOf(app, kept)],
    ["revoked 0", "revoked 0", "pending 0"],
  );
});
