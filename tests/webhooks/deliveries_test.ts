import assert from "node:assert/strict";
import { createDeliveries } from "../../src/webhooks/deliveries.ts";
import { createApp, deliver, hook, host, me, signedWith, startReceiver, statesOf } from "./rig.ts";

const hour = 3_600_000;

Deno.test("what is sent is as Standard Webhooks has it, and signed with the secret that was shown", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { secret } = await hook(app, receiver.url, ["invite.created"]);
  const made = app.now();
  await app.services.invites.create(me, {});
  await deliver(app, 90_000);
  const [got] = receiver.got;
  const { timestamp } = JSON.parse(got!.body);
  assert.equal(timestamp, new Date(made).toISOString(), "when it happened");
  assert.equal(got!.headers.get("webhook-timestamp"), `${app.now() / 1_000}`, "when it was sent");
  assert.match(got!.id, /^evt_[\w-]{24}$/);
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(got!.headers.get("content-type"), "application/json");
  assert.deepEqual(signedWith(got!, secret, `whsec_${btoa("another")}`), [true, false]);
});

Deno.test("for a day after a rotation both secrets sign, then the new one alone", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id, secret } = await hook(app, receiver.url);
  const rotated = await app.services.webhooks.rotate(me, id);
  assert.equal(rotated.old_secret_until, app.now() + 24 * hour);
  await app.services.invites.create(me, {});
  await deliver(app);
  assert.deepEqual(signedWith(receiver.got[0]!, secret, rotated.secret), [true, true]);
  app.advance(24 * hour);
  await app.services.invites.create(me, {});
  await deliver(app);
  assert.deepEqual(signedWith(receiver.got[1]!, secret, rotated.secret), [false, true]);
});

Deno.test("after an outage what waited comes in its order once the receiver is known to be back, each with one id", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url, ["invite.created"]);
  const make = async () => (await app.services.invites.create(me, {})).id;
  receiver.answer = () => new Response(null, { status: 503 });
  const made = [await make(), await make(), await make()];
  for (let minutes = 0; minutes < 60; minutes += 5) await deliver(app, 300_000);
  assert.ok(receiver.got.length >= 5 && receiver.got.length <= 16, `${receiver.got.length} tries in an hour`);
  const ids = new Map(receiver.got.map((got) => [got.data.invite.id, got.id]));
  const failed = receiver.got.length;
  receiver.answer = () => new Response();
  made.push(await make());
  for (let i = 0; i < 4; i++) await deliver(app, 300_000);
  const since = receiver.got.slice(failed);
  assert.deepEqual(new Set(since.map(({ data }) => data.invite.id)), new Set(made));
  assert.equal(since.length, 4, "nothing twice once it was taken");
  const [, ...rest] = since.map(({ data }) => made.indexOf(data.invite.id)); // the first is the one that was tried
  assert.deepEqual(rest, rest.toSorted());
  for (const { data, id } of since) assert.equal(ids.get(data.invite.id) ?? id, id);
  assert.deepEqual(await statesOf(app, id), Array(4).fill("delivered"));
  assert.equal((await app.services.webhooks.show(me, id)).failing_since, undefined);
});

Deno.test("an event that a receiver refuses holds up no other", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url, ["invite.created"]);
  receiver.answer = ({ data }) => new Response(null, { status: data.invite.max_uses === 7 ? 422 : 200 });
  for (const max_uses of [1, 7, 2, 3]) await app.services.invites.create(me, { max_uses });
  await deliver(app);
  assert.deepEqual(receiver.got.map(({ data }) => data.invite.max_uses), [1, 7, 2, 3]);
  assert.deepEqual(await statesOf(app, id), ["delivered", "retrying", "delivered", "delivered"]);
});

Deno.test("an event is tried for about three days and then given up; it stays listed, with what was answered", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url, ["invite.created"]);
  receiver.answer = () => new Response("no\0t\nnow", { status: 400 });
  await app.services.invites.create(me, {});
  const began = app.now();
  let tries = 0;
  let last = began;
  for (let i = 0; i < 24 * 5 * 4; i++) {
    await deliver(app, hour / 4);
    if (receiver.got.length > tries) [tries, last] = [receiver.got.length, app.now()];
  }
  assert.equal(tries, 10);
  assert.ok(last - began > 72 * hour && last - began < 96 * hour, `${(last - began) / hour} h`);
  const { deliveries } = await app.services.webhookReplays.list(me, id, { state: "failed", limit: 10 });
  assert.equal(deliveries.length, 1);
  assert.deepEqual([deliveries[0]!.tries, deliveries[0]!.attempts.length], [10, 10]);
  const { status, answer, error } = deliveries[0]!.attempts[0]!;
  assert.deepEqual([status, answer, error], [400, "no t now", "It answered with status 400."]);
});

Deno.test("a webhook that answers 410 is switched off at once, one that only fails after five days; both say why", async () => {
  await using app = await createApp();
  await using gone = startReceiver();
  await using down = startReceiver();
  gone.answer = () => new Response(null, { status: 410 });
  down.answer = () => new Response(null, { status: 500 });
  const [one, other] = [await hook(app, gone.url), await hook(app, down.url)];
  await app.services.invites.create(me, {});
  await deliver(app);
  const show = (id: string) => app.services.webhooks.show(me, id);
  const { enabled, disabled_reason, version } = await show(one.id);
  assert.deepEqual([enabled, disabled_reason, version], [false, "It answered 410 Gone.", 2]);
  for (let i = 0; i < 24 * 6; i++) {
    if (i % 12 === 0) await app.services.invites.create(me, {});
    await deliver(app, hour);
  }
  const { enabled: isOn, disabled_reason: why } = await show(other.id);
  assert.equal(isOn, false);
  assert.match(why ?? "", /^It has failed since 2026-01-01T.* The last time: It answered with status 500\.$/);
  assert.equal(gone.got.length, 1);
  const before = down.got.length;
  down.answer = () => new Response();
  await deliver(app, hour);
  assert.equal(down.got.length, before);
  await app.services.webhooks.change(me, other.id, { enabled: true });
  await deliver(app, hour);
  assert.ok(
    (await statesOf(app, other.id)).includes("delivered"),
    "what waited is sent when it is switched on",
  );
});

Deno.test("a receiver that asks to be left alone is", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  await hook(app, receiver.url);
  receiver.answer = () => new Response(null, { status: 429, headers: { "retry-after": "600" } });
  await app.services.invites.create(me, {});
  await app.services.invites.create(me, {});
  await deliver(app);
  await deliver(app, 590_000);
  assert.equal(receiver.got.length, 1);
  await deliver(app, 11_000);
  assert.equal(receiver.got.length, 2);
});

Deno.test("a receiver that never answers, or is not there, holds up no other", async () => {
  await using app = await createApp('timeout = "1s"');
  await using slow = startReceiver();
  await using good = startReceiver();
  const gate = Promise.withResolvers<void>();
  slow.answer = async () => {
    await gate.promise;
    return new Response();
  };
  const webhook = await hook(app, slow.url);
  for (let i = 0; i < 8; i++) await hook(app, slow.url);
  await hook(app, "http://127.0.0.1:1/");
  await hook(app, good.url);
  for (let i = 0; i < 20; i++) await app.services.invites.create(me, {});
  const began = performance.now();
  const done = Promise.withResolvers<number>();
  good.answer = () => {
    if (good.got.length === 20) done.resolve(performance.now() - began);
    return new Response();
  };
  const all = deliver(app);
  assert.ok(await done.promise < 900, "before the first of the slow ones was given up");
  await all;
  gate.resolve();
  assert.equal(slow.got.length, 9, "one at a time to each");
  const [delivery] =
    (await app.services.webhookReplays.list(me, webhook.id, { state: "retrying", limit: 5 })).deliveries;
  assert.match(delivery!.attempts[0]!.error!, /did not answer within 1000 ms/);
});

Deno.test("a receiver that redirects is not followed, and has not got it", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url);
  receiver.answer = ({ path }) =>
    Response.redirect(new URL(path === "/hook" ? "/two" : "/hook", receiver.url), 307);
  await app.services.invites.create(me, {});
  await deliver(app);
  assert.deepEqual(receiver.got.map(({ path }) => path), ["/hook"]);
  assert.deepEqual(await statesOf(app, id), ["retrying"]);
});

Deno.test("an address that has become private since the webhook was made is not called", async () => {
  let addresses = ["93.184.216.34"];
  await using app = await createApp("", { toml: "", lookup: () => Promise.resolve(addresses) });
  const { id } = await hook(app, "https://rebinding.example/");
  addresses = ["127.0.0.1"];
  await app.services.invites.create(me, {});
  await deliver(app);
  const [delivery] = (await app.services.webhookReplays.list(me, id, { limit: 5 })).deliveries;
  assert.match(delivery!.attempts[0]!.error!, /^rebinding\.example is not a public address/);
});

Deno.test("what was under way when the daemon stopped is sent again, under the same id", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url);
  const { promise, resolve } = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  receiver.answer = async () => {
    arrived.resolve();
    await promise;
    return new Response();
  };
  await app.services.invites.create(me, {});
  app.advance(1_000);
  await app.services.deliveries.deliverAll();
  await arrived.promise;
  app.services.deliveries.stop();
  await app.services.deliveries.settled();
  resolve();
  assert.deepEqual(await statesOf(app, id), ["pending"]);
  receiver.answer = () => new Response();
  const again = createDeliveries({
    ...{
      database: app.database,
      clock: app.now,
      random: (bytes) => bytes,
      retention: hour,
      disableAfter: hour,
    },
    send: ({ url }, { uid }) =>
      fetch(url, { method: "POST", body: '{"type":"x"}', headers: { "webhook-id": uid } })
        .then(async ({ status, body }) => {
          await body?.cancel();
          return { isDelivered: true, status, took: 1 };
        }),
  });
  await again.deliverAll();
  await again.settled();
  assert.equal(receiver.got.length, 2);
  assert.equal(receiver.got[0]!.id, receiver.got[1]!.id);
  assert.deepEqual(await statesOf(app, id), ["delivered"]);
});

Deno.test("an event can be sent again, and all since a time, in their order and under their ids", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { webhooks, webhookReplays: replays } = app.services;
  const { id } = await hook(app, receiver.url, ["invite.created"]);
  const other = await hook(app, receiver.url, ["invite.revoked"]);
  for (let i = 0; i < 4; i++) {
    const invite = await app.services.invites.create(me, {});
    await app.services.invites.revoke(me, invite.id);
    app.advance(hour);
  }
  await webhooks.delete(me, other.id);
  await deliver(app);
  const ids = receiver.got.map((got) => got.id);
  assert.equal(ids.length, 4);
  await replays.replay(me, id, { event: ids[1]! });
  await deliver(app);
  assert.equal(receiver.got.at(-1)!.id, ids[1]);
  receiver.got.length = 0;
  await replays.replay(me, id, { since: app.now() - 3 * hour - 5_000 });
  assert.deepEqual(await statesOf(app, id), ["delivered", "pending", "pending", "pending"]);
  const { deliveries } = await replays.list(me, id, { state: "pending", limit: 2 });
  assert.deepEqual(deliveries.map(({ event }) => event), [ids[3], ids[2]]);
  await deliver(app);
  assert.deepEqual(receiver.got.map((got) => got.id), ids.slice(1));
  await assert.rejects(replays.replay(me, id, { event: "evt_none" }), { code: "not-found" });
  await webhooks.change(me, id, { enabled: false });
  await assert.rejects(replays.replay(me, id, { since: 0 }), { code: "conflict" });
});

Deno.test("events are deleted after their time, but not while they wait to be sent", async () => {
  await using app = await createApp('retention = "1d"');
  await using receiver = startReceiver();
  const { deliveries } = app.services;
  await hook(app, receiver.url, ["invite.created"]);
  const count = async () => (await app.database.db.selectFrom("webhook_event").select("id").execute()).length;
  const attempts = async () =>
    (await app.database.db.selectFrom("webhook_attempt").select("id").execute()).length;
  const { id } = await app.services.invites.create(me, {});
  await hook(app, receiver.url, ["invite.revoked"]);
  await app.services.invites.revoke(me, id);
  app.advance(25 * hour);
  await deliveries.sweep();
  assert.equal(await count(), 2);
  await deliver(app);
  await deliveries.sweep(); // says first how far each has come
  await deliveries.sweep();
  assert.deepEqual([await count(), await attempts()], [0, 0]);
  assert.equal(receiver.got.length, 2);
  receiver.answer = () => new Response(null, { status: 500 });
  await app.services.invites.create(me, {});
  await deliver(app);
  app.advance(31 * 24 * hour);
  await deliveries.sweep();
  assert.equal(await count(), 0, "nothing is kept for ever");
});

Deno.test("a webhook that is deleted while it is served leaves nothing behind", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url);
  receiver.answer = async () => {
    if (receiver.got.length === 3) await app.services.webhooks.delete(me, id);
    return new Response();
  };
  for (let i = 0; i < 5; i++) await app.services.invites.create(me, {});
  await deliver(app);
  assert.equal(receiver.got.length, 3);
  const { db } = app.database;
  assert.deepEqual(await db.selectFrom("webhook_delivery").selectAll().execute(), []);
  assert.deepEqual(await db.selectFrom("webhook_attempt").selectAll().execute(), []);
});

Deno.test("a webhook whose secret cannot be read says so, and what to do", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url);
  await app.database.write((db) => db.updateTable("webhook").set({ secret_sealed: "a.b.c" }).execute());
  await app.services.invites.create(me, {});
  await deliver(app);
  const list = await app.services.webhookReplays.list(me, id, { limit: 5 });
  assert.match(list.deliveries[0]!.attempts[0]!.error!, /^Its secret cannot be read/);
  await app.services.webhooks.rotate(me, id);
  await app.services.webhooks.rotate(me, id);
  await deliver(app, hour);
  assert.equal(receiver.got.length, 1);
  assert.equal(receiver.got[0]!.data.host, host);
});

Deno.test("what is asked for again while something is being sent is sent again", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url);
  receiver.answer = async () => {
    if (receiver.got.length === 3) await app.services.webhookReplays.replay(me, id, { since: 0 });
    return new Response();
  };
  for (let i = 0; i < 3; i++) await app.services.invites.create(me, {});
  await deliver(app);
  const ids = receiver.got.map((got) => got.id);
  assert.deepEqual(ids.slice(3), ids.slice(0, 3));
});

Deno.test("what a webhook does not want is passed over, however much it is", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  await hook(app, receiver.url, ["invite.revoked"]);
  await hook(app, "http://127.0.0.1:1/", ["invite.created"]);
  const made = await Promise.all(Array.from({ length: 450 }, () => app.services.invites.create(me, {})));
  await deliver(app);
  assert.equal(receiver.got.length, 0);
  await app.services.deliveries.sweep(); // says how far it has come
  for (const { id } of made.slice(0, 2)) await app.services.invites.revoke(me, id);
  await deliver(app);
  assert.deepEqual(receiver.got.map(({ data }) => data.invite.id), made.slice(0, 2).map(({ id }) => id));
});
