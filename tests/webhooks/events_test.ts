import assert from "node:assert/strict";
import { control, type TestApp } from "../harness.ts";
import { createApp, deliver, hook, host, me, startReceiver } from "./rig.ts";

const rows = (app: TestApp) =>
  app.database.db.selectFrom("webhook_event").selectAll().orderBy("id").execute();
const attempt = (token: string, username: string) => ({
  host,
  token,
  claim: `claim of ${username}`,
  username,
});
const dead = "http://127.0.0.1:1/";

Deno.test("without a webhook that wants it, nothing is written of what happens", async () => {
  await using app = await createApp();
  await app.services.invites.create(me, {});
  await hook(app, dead, ["invite.revoked"]);
  await hook(app, dead, ["*"], { ...me, host: "example.net" });
  await app.services.invites.create(me, {});
  assert.deepEqual(await rows(app), []);
});

Deno.test("an invite's life is told: made, used, withdrawn, expired; never its token, its link or its note", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  await hook(app, receiver.url);
  const { invites, redemption } = app.services;
  const first = await invites.create(me, { note: "a secret note", ttl: 60_000, max_uses: 2 });
  await redemption.reserve({ ...attempt(first.token, "ann"), exists: false });
  await redemption.commit({ ...attempt(first.token, "ann"), jid: `ann@${host}` });
  await redemption.commit({ ...attempt(first.token, "ann"), jid: `ann@${host}` }); // told again: no other event
  const second = await invites.create(me, {});
  await invites.revoke(me, second.id);
  await invites.revoke(me, second.id);
  app.advance(60_000);
  await redemption.sweep();
  await redemption.sweep();
  await deliver(app);
  assert.deepEqual(receiver.got.map(({ type }) => type), [
    ...["invite.created", "invite.redeemed", "account.registered", "invite.created", "invite.revoked"],
    "invite.expired",
  ]);
  const [created, redeemed, registered, , revoked, expired] = receiver.got.map(({ data }) => data);
  assert.deepEqual(created, {
    host,
    invite: {
      ...{ id: first.id, type: "account", jid: host, state: "pending", uses: 0, max_uses: 2, made_by: "cli" },
      created_at: "2026-01-01T00:00:00.000Z",
      expires_at: "2026-01-01T00:01:00.000Z",
    },
  });
  assert.deepEqual([redeemed.redeemed_by, redeemed.invite.uses, redeemed.invite.state], [
    `ann@${host}`,
    1,
    "pending",
  ]);
  assert.deepEqual([registered.jid, registered.invite.id], [`ann@${host}`, first.id]);
  assert.deepEqual([revoked.invite.id, revoked.invite.state, revoked.revoked_by], [
    second.id,
    "revoked",
    "cli",
  ]);
  assert.deepEqual([expired.invite.id, expired.invite.state], [first.id, "expired"]);
  const all = receiver.got.map(({ body }) => body).join("\n");
  for (const secret of [first.token, second.token, "secret note", "xmpp:"]) {
    assert.ok(!all.includes(secret), secret);
  }
});

Deno.test("a change that is not made has no event", async () => {
  await using app = await createApp();
  await hook(app, dead);
  const { invites } = app.services;
  await invites.create(me, { username: "ann" });
  await assert.rejects(invites.create(me, { username: "ann" }), { code: "username-reserved" });
  const again = () => invites.create(me, {}, "one key");
  assert.equal((await again()).id, (await again()).id);
  assert.equal((await rows(app)).length, 2);
});

Deno.test("invites that Prosody makes and removes are told as well", async () => {
  await using app = await createApp();
  await hook(app, dead);
  const token = "A".repeat(24);
  const expires = `${app.now() / 1000 + 60}`;
  const made = { token, type: "register", jid: host, created_at: "1", expires, allow_registration: "true" };
  await app.iq("set", host, control("invite", made, "{}"));
  await app.iq("set", host, control("invite", { token, remove: "true" }));
  assert.deepEqual((await rows(app)).map(({ type, data }) => [type, JSON.parse(data).invite.made_by]), [
    ["invite.created", "prosody"],
    ["invite.revoked", "prosody"],
  ]);
});

Deno.test("who registers without an invite is told once, however often Prosody says it", async () => {
  await using app = await createApp();
  await hook(app, dead);
  for (const claim of ["a", "a", "b"]) await app.iq("set", `ann@${host}`, control("registered", { claim }));
  assert.deepEqual((await rows(app)).map(({ type, data }) => [type, JSON.parse(data)]), [
    ["account.registered", { host, jid: `ann@${host}` }],
    ["account.registered", { host, jid: `ann@${host}` }],
  ]);
});

Deno.test("when an account is deleted, its invites that end with it are told", async () => {
  await using app = await createApp();
  await hook(app, dead, ["invite.revoked"]);
  await app.services.invites.create(me, { contact: "ann" });
  await app.services.invites.create(me, { reset: "ann" });
  await app.services.redemption.purge(host, "ann");
  assert.deepEqual((await rows(app)).map(({ data }) => JSON.parse(data).revoked_by), [
    `ann@${host}`,
    `ann@${host}`,
  ]);
});

Deno.test("a changed roster is told once for a user, whatever was changed, until somebody has been told", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  await hook(app, receiver.url, ["roster.changed"]);
  const { rosters, rosterRecords } = app.services;
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`c${i}@example.com`, {}]));
  await rosters.put(me, "ann", many);
  await rosters.put(me, "ann", many); // no change
  await rosters.put(me, "ann", {});
  await rosterRecords.save(host, "ann", { version: 1_000, items: [["x@example.com", {}]] }, false);
  await rosters.put(me, "bob", many);
  await deliver(app);
  assert.deepEqual(receiver.got.map(({ data }) => data), [{ host, jid: `ann@${host}` }, {
    host,
    jid: `bob@${host}`,
  }]);
  await rosters.put(me, "ann", many);
  await deliver(app);
  assert.equal(receiver.got.length, 3);
  assert.equal(new Set(receiver.got.map(({ id }) => id)).size, 3);
});

Deno.test("what groups make of rosters is told, of everybody whose roster it is", async () => {
  await using app = await createApp();
  await hook(app, dead, ["roster.changed"]);
  const { groups, groupMembers, settling } = app.services;
  const told = async () => {
    await settling.settled();
    const jids = (await rows(app)).map(({ data }) => JSON.parse(data).jid as string);
    await app.database.write((db) => db.deleteFrom("webhook_event").execute());
    return jids.sort();
  };
  const of = (...users: string[]) => users.map((user) => `${user}@${host}`);
  await app.groups("choir");
  await groupMembers.add(me, "choir", "ann");
  assert.deepEqual(await told(), [], "nobody has got a contact");
  await groupMembers.add(me, "choir", "bob");
  assert.deepEqual(await told(), of("ann", "bob"));
  await groupMembers.add(me, "choir", "bob");
  assert.deepEqual(await told(), [], "nothing was changed");
  await groups.rename(me, "choir", "Band");
  assert.deepEqual(await told(), of("ann", "bob"));
  await groupMembers.take(me, "choir", "bob");
  assert.deepEqual(await told(), of("ann", "bob"));
});

Deno.test("a roster that changes while a receiver is told of it is told again", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  await hook(app, receiver.url, ["roster.changed"]);
  await app.services.rosters.put(me, "ann", { "x@example.com": {} });
  receiver.answer = async () => {
    if (receiver.got.length === 1) await app.services.rosters.put(me, "ann", {});
    return new Response();
  };
  await deliver(app);
  await deliver(app);
  assert.equal(receiver.got.length, 2);
});

Deno.test("a daemon that was away for a week tells then of all that has expired, and of each once", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { invites, redemption } = app.services;
  await invites.create(me, { ttl: 1_000 }); // nobody wanted to know then
  app.advance(5_000);
  await hook(app, receiver.url, ["invite.expired"]);
  await redemption.sweep();
  const all = await Promise.all(
    Array.from({ length: 250 }, (_, i) => invites.create(me, { ttl: 60_000 + (i % 3) * 1_000 })),
  );
  await invites.revoke(me, all[0]!.id);
  app.advance(7 * 86_400_000);
  await redemption.sweep();
  await redemption.sweep();
  await deliver(app);
  assert.deepEqual(
    new Set(receiver.got.map(({ data }) => data.invite.id)),
    new Set(all.slice(1).map(({ id }) => id)),
  );
  assert.equal(receiver.got.length, 249);
});

Deno.test("looking for what has expired costs no write while nothing does, and none at all while nobody asks", async () => {
  await using app = await createApp();
  const { invites, redemption, webhooks } = app.services;
  const progress = () => app.database.db.selectFrom("invite_expiry").selectAll().execute();
  await invites.create(me, { ttl: 1_000 });
  app.advance(5_000);
  await redemption.sweep();
  assert.deepEqual(await progress(), []);
  const { id } = await hook(app, dead, ["invite.expired"]);
  app.advance(5_000);
  await redemption.sweep();
  const first = await progress();
  assert.equal(first.length, 1);
  app.advance(5_000);
  await redemption.sweep();
  assert.deepEqual(await progress(), first);
  await webhooks.delete(me, id);
  await redemption.sweep();
  assert.deepEqual(await progress(), []);
});
