import assert from "node:assert/strict";
import { createApp, deliver, hook, me, startReceiver } from "./rig.ts";

const admin = ["webhooks:admin"];
const paths = [
  ...[["GET", ""], ["POST", ""], ["GET", "/wh_none"], ["PATCH", "/wh_none"], ["DELETE", "/wh_none"]],
  ...[["POST", "/wh_none/rotate"], ["POST", "/wh_none/test"], ["GET", "/wh_none/deliveries"]],
  ["POST", "/wh_none/replay"],
] as const;
const bodies: Record<string, unknown> = {
  "POST ": { url: "https://93.184.216.34/", events: ["*"] },
  "PATCH /wh_none": { enabled: false },
  "POST /wh_none/replay": { since: "2026-01-01T00:00:00Z" },
};

for (const [method, path] of paths) {
  Deno.test(`${method} /v1/webhooks${path} needs a key with webhooks:admin`, async () => {
    await using app = await createApp();
    const json = bodies[`${method} ${path}`];
    const call = async (key?: string) =>
      (await app.fetch(`/v1/webhooks${path}`, { method, json, ...(key !== undefined && { key }) })).status;
    assert.equal(await call(), 401);
    assert.equal(await call(await app.key({ scopes: ["invites:create", "rosters:write"] })), 403);
    assert.equal(await call(await app.key({ host: "example.net", scopes: admin })), 401);
  });
  if (path !== "") {
    Deno.test(`${method} /v1/webhooks${path} knows no webhook of another host`, async () => {
      await using app = await createApp();
      const { id } = await hook(app, "https://93.184.216.34/", ["*"], { ...me, host: "example.net" });
      const json = bodies[`${method} ${path}`];
      const key = await app.key({ scopes: admin });
      const answer = await app.fetch(`/v1/webhooks${path.replace("wh_none", id)}`, { method, json, key });
      assert.equal(answer.status, 404);
      assert.equal((await answer.json()).type, "urn:couplet:problem:not-found");
      assert.equal((await app.services.webhooks.show({ ...me, host: "example.net" }, id)).version, 1);
    });
  }
}

Deno.test("a webhook is made, read, changed and deleted; its secret is shown when it is made", async () => {
  await using app = await createApp();
  const key = await app.key({ scopes: admin });
  const url = "http://127.0.0.1:1/hook?x=1#fragment";
  const json = { url, events: ["invite.redeemed", "invite.created"], description: "The portal" };
  const made = await app.fetch("/v1/webhooks", { method: "POST", key, json });
  assert.equal(made.status, 201);
  const { id, secret, ...rest } = await made.json();
  assert.equal(made.headers.get("location"), `/v1/webhooks/${id}`);
  assert.equal(made.headers.get("etag"), '"1"');
  assert.equal(made.headers.get("cache-control"), "no-store");
  assert.match(secret, /^whsec_/);
  assert.deepEqual(rest, {
    ...{ host: "example.org", url: "http://127.0.0.1:1/hook?x=1", description: "The portal" },
    ...{
      events: ["invite.created", "invite.redeemed"],
      enabled: true,
      created_at: "2026-01-01T00:00:00.000Z",
    },
  });
  const read = await app.fetch(`/v1/webhooks/${id}`, { key });
  assert.deepEqual(await read.json(), { id, ...rest });
  const known = await app.fetch(`/v1/webhooks/${id}`, { key, headers: { "if-none-match": '"1"' } });
  assert.equal(known.status, 304);
  const patch = (body: unknown, tag: string) =>
    app.fetch(`/v1/webhooks/${id}`, { method: "PATCH", key, json: body, headers: { "if-match": tag } });
  assert.equal((await patch({ enabled: false }, '"7"')).status, 412);
  const changed = await patch({ enabled: false, events: ["*"] }, '"1"');
  assert.equal(changed.headers.get("etag"), '"2"');
  assert.deepEqual(await changed.json(), { id, ...rest, enabled: false, events: ["*"] });
  assert.deepEqual(await (await app.fetch("/v1/webhooks", { key })).json(), {
    webhooks: [{ id, ...rest, enabled: false, events: ["*"] }],
  });
  const remove = (tag: string) =>
    app.fetch(`/v1/webhooks/${id}`, { method: "DELETE", key, headers: { "if-match": tag } });
  assert.equal((await remove('"1"')).status, 412);
  assert.equal((await remove('"2"')).status, 204);
  assert.equal((await app.fetch(`/v1/webhooks/${id}`, { key })).status, 404);
  const { db } = app.database;
  assert.deepEqual(await db.selectFrom("webhook").selectAll().execute(), []);
});

for (
  const [what, json, at] of [
    ["an address within", { url: "https://10.0.0.1/", events: ["*"] }, "/url"],
    ["http", { url: "http://93.184.216.34/", events: ["*"] }, "/url"],
    ["a file", { url: "file:///etc/passwd", events: ["*"] }, "/url"],
    ["no address", { url: "hooks", events: ["*"] }, "/url"],
    ["a name that leads nowhere", { url: "https://nowhere.example/", events: ["*"] }, "/url"],
    ["a name that leads within", { url: "https://within.example/", events: ["*"] }, "/url"],
    ["a password", { url: "https://a:b@93.184.216.34/", events: ["*"] }, "/url"],
    ["a long address", { url: `https://93.184.216.34/${"a".repeat(1_990)}`, events: ["*"] }, "/url"],
    ["an event that there is not", { url: "https://93.184.216.34/", events: ["invite.eaten"] }, "/events/0"],
    ["no event", { url: "https://93.184.216.34/", events: [] }, "/events"],
    ["a member that there is not", { url: "https://93.184.216.34/", events: ["*"], secret: "x" }, "/secret"],
    [
      "control characters",
      { url: "https://93.184.216.34/", events: ["*"], description: "a\nb" },
      "/description",
    ],
  ] as const
) {
  Deno.test(`a webhook with ${what} is refused, and the answer says where`, async () => {
    const lookup = (name: string) => Promise.resolve(name === "within.example" ? ["192.168.1.1"] : []);
    await using app = await createApp("", { toml: "", lookup });
    const key = await app.key({ scopes: admin });
    const answer = await app.fetch("/v1/webhooks", { method: "POST", key, json });
    assert.equal(answer.status, 422);
    const { errors } = await answer.json();
    assert.equal(errors[0].pointer, at);
    assert.ok(!JSON.stringify(errors).includes("192.168.1.1"), "where a name leads is not told");
    const { id } = await hook(app, "https://93.184.216.34/");
    const patch = await app.fetch(`/v1/webhooks/${id}`, { method: "PATCH", key, json });
    assert.equal(patch.status, 422);
  });
}

Deno.test("a host has only so many webhooks, also if they are asked for at the same time", async () => {
  await using app = await createApp("max = 3");
  const key = await app.key({ scopes: admin });
  const json = { url: "https://93.184.216.34/", events: ["*"] };
  const all = await Promise.all(
    Array.from({ length: 6 }, () => app.fetch("/v1/webhooks", { method: "POST", key, json })),
  );
  assert.deepEqual(all.map(({ status }) => status).toSorted(), [201, 201, 201, 409, 409, 409]);
});

Deno.test("a test is sent at once and says what came of it, and is no delivery", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  receiver.answer = () => new Response("busy", { status: 503, headers: { "retry-after": "5" } });
  const { id } = await hook(app, receiver.url, ["invite.created"]);
  const key = await app.key({ scopes: admin });
  const answer = await app.fetch(`/v1/webhooks/${id}/test`, { method: "POST", key });
  const { took, ...rest } = await answer.json();
  const [got] = receiver.got;
  assert.deepEqual([got!.type, got!.data], ["webhook.test", { host: "example.org" }]);
  assert.ok(took >= 0);
  assert.deepEqual(rest, {
    ...{
      event: got!.id,
      delivered: false,
      status: 503,
      error: "It answered with status 503.",
      answer: "busy",
    },
  });
  const list = await app.fetch(`/v1/webhooks/${id}/deliveries`, { key });
  assert.deepEqual(await list.json(), { deliveries: [] });
});

Deno.test("deliveries are listed in pages, by state, with what was answered; and are sent again", async () => {
  await using app = await createApp();
  await using receiver = startReceiver();
  const { id } = await hook(app, receiver.url, ["invite.created"]);
  const key = await app.key({ scopes: admin });
  for (let i = 0; i < 5; i++) await app.services.invites.create(me, {});
  await deliver(app);
  await app.services.invites.create(me, {});
  const get = async (query: string) => {
    const answer = await app.fetch(`/v1/webhooks/${id}/deliveries${query}`, { key });
    assert.equal(answer.status, 200);
    return await answer.json();
  };
  const all = await get("");
  assert.deepEqual(all.deliveries.map((one: { state: string }) => one.state), [
    "pending",
    ...Array(5).fill("delivered"),
  ]);
  const { took: _, ...attempt } = all.deliveries[1].attempts[0];
  assert.deepEqual(attempt, { at: "2026-01-01T00:00:01.000Z", status: 204 });
  assert.equal(all.deliveries[5].event, receiver.got[0]!.id);
  const first = await get("?state=delivered&limit=3");
  const second = await (await app.fetch(first.next, { key })).json();
  assert.deepEqual([...first.deliveries, ...second.deliveries], all.deliveries.slice(1));
  assert.equal(second.next, undefined);
  for (const query of ["?state=eaten", "?limit=0", "?x=1", "?after=x"]) {
    const answer = await app.fetch(`/v1/webhooks/${id}/deliveries${query}`, { key });
    assert.equal(answer.status, 422, query);
    await answer.body?.cancel();
  }
  const replay = async (json: unknown) =>
    (await app.fetch(`/v1/webhooks/${id}/replay`, { method: "POST", key, json })).status;
  assert.equal(await replay({ event: receiver.got[0]!.id }), 202);
  assert.equal(await replay({ since: "2026-01-01T00:00:00+01:00" }), 202);
  for (
    const json of [{}, { since: "yesterday" }, { since: 1 }, { event: "e", since: "2026-01-01T00:00:00Z" }]
  ) {
    assert.equal(await replay(json), 422, JSON.stringify(json));
  }
  assert.equal(await replay({ event: "evt_none" }), 404);
  await deliver(app);
  assert.deepEqual(
    receiver.got.slice(5, 10).map((got) => got.id),
    receiver.got.slice(0, 5).map((got) => got.id),
  );
});

Deno.test("other methods are told which there are", async () => {
  await using app = await createApp();
  const key = await app.key({ scopes: admin });
  for (
    const [path, method, allow] of [
      ["", "PUT", "GET, HEAD, POST"],
      ["/x", "PUT", "GET, HEAD, PATCH, DELETE"],
      ["/x/rotate", "GET", "POST"],
      ["/x/test", "GET", "POST"],
      ["/x/deliveries", "POST", "GET, HEAD"],
      ["/x/replay", "GET", "POST"],
    ]
  ) {
    const answer = await app.fetch(`/v1/webhooks${path}`, { method: method!, key });
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, allow]);
    await answer.body?.cancel();
  }
});
