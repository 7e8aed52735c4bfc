import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const scopes = ["requests:read", "requests:decide", "invites:create", "invites:read", "invites:revoke"];
const open = "campaigns.join_requests = true";

/** Opens the form at an address as a browser would: its proof and the visitor's cookie. */
async function openForm(app: TestApp, path: string) {
  const response = await app.fetch(path);
  const html = await response.text();
  assert.equal(response.status, 200, html);
  return {
    html,
    proof: /name="proof" value="([^"]+)"/.exec(html)?.[1] ?? "",
    cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "",
  };
}

/** Fills in a form and sends it. */
async function send(
  app: TestApp,
  path: string,
  fields: Record<string, string>,
  { from = "192.0.2.1", headers = {} }: { from?: string; headers?: Record<string, string> } = {},
) {
  const { proof, cookie } = await openForm(app, path);
  return await app.fetch(path, {
    ...{ method: "POST", from, body: new URLSearchParams({ proof, ...fields }) },
    headers: { cookie, "content-type": "application/x-www-form-urlencoded", ...headers },
  });
}

/** Asks, and answers the address where the answer will be. */
async function ask(app: TestApp, fields: Record<string, string> = {}, from?: string): Promise<string> {
  const response = await send(app, "/join", { name: "Ann", ...fields }, from === undefined ? {} : { from });
  assert.equal(response.status, 303, await response.clone().text());
  return response.headers.get("location")!;
}

interface Seen {
  readonly id: string;
  readonly name: string;
  readonly username?: string;
}

async function waiting(app: TestApp, key: string) {
  const response = await app.fetch("/v1/join_requests?state=waiting", { key });
  return (await response.json()).requests as [Seen, ...Seen[]];
}

const decide = (app: TestApp, key: string, id: string, what: "approve" | "decline", json: unknown = {}) =>
  app.fetch(`/v1/join_requests/${id}/${what}`, { method: "POST", key, json });

Deno.test("somebody asks, an admin approves, and the secret address leads to the invite", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  const address = await ask(app, {
    ...{ name: "  Ann   Other ", username: "Ann", reach: "ann@example.com" },
    message: "Hello\r\nI sing.",
  });
  assert.match(address, /^\/join\/[\w-]{24}$/);
  const page = await app.fetch(address);
  assert.equal(page.status, 200);
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  assert.equal(page.headers.get("cache-control"), "no-store");
  assert.match(await page.text(), new RegExp(`Your request is waiting[^]*http[^<]+${address}<`));

  const [request] = await waiting(app, key);
  assert.deepEqual(request, {
    ...{ id: request.id, host: "example.org", state: "waiting", name: "Ann Other", username: "ann" },
    ...{ reach: "ann@example.com", message: "Hello\nI sing.", created_at: new Date(app.now()).toISOString() },
  });
  assert.deepEqual(await (await app.fetch(`/v1/join_requests/${request.id}`, { key })).json(), request);
  const approved = await decide(app, key, request.id, "approve", { ttl: "3d", note: "choir" });
  assert.equal(approved.status, 200);
  const { request: now, invite } = await approved.json();
  assert.deepEqual([now.state, now.decided_by], ["approved", invite.source]);
  assert.deepEqual([invite.jid, invite.note, invite.max_uses], ["ann@example.org", "choir", 1]);
  const answer = await app.fetch(address);
  assert.deepEqual([answer.status, answer.headers.get("location")], [303, invite.landing_page]);
  assert.equal((await decide(app, key, request.id, "approve")).status, 409);
  assert.equal((await decide(app, key, request.id, "decline")).status, 409);
  assert.deepEqual(await waiting(app, key), []);
});

Deno.test("a request is declined with a reason, which the asker sees as text", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  const address = await ask(app);
  const [{ id }] = await waiting(app, key);
  const reason = "Only <b>singers</b>, sorry.";
  assert.equal((await decide(app, key, id, "decline", { reason })).status, 200);
  const html = await (await app.fetch(address)).text();
  assert.match(html, /Your request was declined[^]*Only &lt;b&gt;singers&lt;\/b&gt;, sorry\./);
  assert.equal((await decide(app, key, id, "approve")).status, 409);
});

Deno.test("an approval may name another username, none, a contact or a template; a reset never", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes: [...scopes, "templates:write", "invites:reset"] });
  await app.fetch("/v1/invite_templates/choir", { method: "PUT", key, json: { note: "from the template" } });
  for (
    const [json, jid, note] of [
      [{}, "ann@example.org"],
      [{ username: "anna" }, "anna@example.org"],
      [{ username: null }, "example.org"],
      [{ contact: "john", register: true }, "john@example.org"],
      [{ username: null, template: "choir" }, "example.org", "from the template"],
    ] as const
  ) {
    await ask(app, { username: "ann" }, `198.51.100.${Math.floor(Math.random() * 250)}`);
    const [{ id }] = await waiting(app, key);
    const reset = await decide(app, key, id, "approve", { reset: "admin" });
    assert.deepEqual([reset.status, (await waiting(app, key)).length], [422, 1]);
    const response = await decide(app, key, id, "approve", json);
    const { invite } = await response.json();
    assert.deepEqual([response.status, invite?.jid, invite?.note], [200, jid, note]);
    await app.fetch(`/v1/invites/${invite.id}`, { method: "DELETE", key });
  }
});

Deno.test("a name that is reserved by now leaves the request waiting", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  await ask(app, { username: "ann" });
  await app.fetch("/v1/invites", { method: "POST", key, json: { username: "ann" } });
  const [{ id }] = await waiting(app, key);
  assert.equal((await decide(app, key, id, "approve")).status, 409);
  assert.equal((await waiting(app, key)).length, 1);
  assert.equal((await decide(app, key, id, "approve", { username: "anna" })).status, 200);
});

Deno.test("of two who approve at once one makes the invite, and no other stays", async () => {
  await using app = await createTestApp({ toml: open });
  const keys = [await app.key({ scopes }), await app.key({ scopes })] as const;
  for (const both of [keys, [keys[0], keys[0]] as const]) {
    const address = await ask(app);
    const [{ id }] = await waiting(app, keys[0]);
    const answers = await Promise.all(both.map((key) => decide(app, key, id, "approve")));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    const { invite } = await answers.find(({ status }) => status === 200)!.json();
    const { invites } = await (await app.fetch("/v1/invites?state=pending", { key: keys[0] })).json();
    assert.deepEqual(invites.map(({ id }: { id: string }) => id), [invite.id]);
    assert.equal((await app.fetch(address)).headers.get("location"), invite.landing_page);
    await app.fetch(`/v1/invites/${invite.id}`, { method: "DELETE", key: keys[0] });
  }
});

Deno.test("mistakes are told in the visitor's language, beside what was typed, and nothing is kept", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  const fields = { name: "", username: "a b", reach: "x".repeat(201), message: '"><script>' };
  const response = await send(app, "/join", fields, { headers: { "accept-language": "de" } });
  const html = await response.text();
  assert.equal(response.status, 422);
  assert.match(html, /<html lang="de">/);
  for (const id of ["name", "username", "reach"]) {
    assert.match(html, new RegExp(`href="#${id}"`));
    assert.match(html, new RegExp(`id="${id}-error"`));
  }
  assert.match(html, /value="a b"/);
  assert.doesNotMatch(html, /<script/);
  assert.match(html, /&lt;script&gt;/);
  for (
    const wrong of [{ name: "x".repeat(101) }, { name: "a\u0007b" }, {
      name: "Ann",
      message: "x".repeat(2_001),
    }]
  ) {
    assert.equal((await send(app, "/join", wrong)).status, 422);
  }
  assert.deepEqual(await waiting(app, key), []);
});

Deno.test("a form that was not opened here, or too long ago, is shown again and asks for nothing", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}, type?: string) =>
    app.fetch("/join", {
      ...{ method: "POST", body: new URLSearchParams(fields) },
      headers: { "content-type": type ?? "application/x-www-form-urlencoded", ...headers },
    });
  const { proof, cookie } = await openForm(app, "/join");
  assert.equal((await post({ name: "Ann" }, { cookie })).status, 403);
  assert.equal((await post({ name: "Ann", proof })).status, 403);
  assert.equal((await post({ name: "Ann", proof }, { cookie, "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal((await post({ name: "Ann", proof }, { cookie }, "text/plain")).status, 415);
  assert.equal((await post({ name: "Ann", proof, message: "x".repeat(70_000) }, { cookie })).status, 413);
  app.advance(13 * 3_600_000);
  assert.equal((await post({ name: "Ann", proof }, { cookie })).status, 403);
  assert.deepEqual(await waiting(app, key), []);
});

Deno.test("an address that asks too often has to wait, and others need not", async () => {
  await using app = await createTestApp({ toml: open });
  for (let i = 0; i < 5; i++) await ask(app, {}, "192.0.2.7");
  const refused = await send(app, "/join", { name: "Ann" }, { from: "192.0.2.7" });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.match(await refused.text(), /many requests from where you are/);
  await ask(app, {}, "192.0.2.8");
});

Deno.test("no more requests wait on a host than it allows; decided ones do not count", async () => {
  await using app = await createTestApp({ toml: `${open}\ncampaigns.max_join_requests = 2` });
  const key = await app.key({ scopes });
  await ask(app, {}, "192.0.2.1");
  await ask(app, {}, "192.0.2.2");
  const full = await send(app, "/join", { name: "Ann" }, { from: "192.0.2.3" });
  assert.equal(full.status, 429);
  assert.match(await full.text(), /Too many requests are waiting/);
  const [{ id }] = await waiting(app, key);
  await decide(app, key, id, "decline");
  await ask(app, {}, "192.0.2.3");
});

Deno.test("where nobody may ask there is no page", async () => {
  await using app = await createTestApp();
  assert.equal((await app.fetch("/join")).status, 404);
  assert.equal((await app.fetch("/join", { method: "POST" })).status, 404);
  assert.equal((await app.fetch("/join/unknown")).status, 404);
  await using other = await createTestApp({ toml: open });
  assert.equal((await other.fetch("/join", { method: "PUT" })).status, 405);
  assert.equal((await other.fetch("http://example.net/join/unknown")).status, 404);
});

Deno.test("askers take their request back, and only they; admins delete it; nothing of it is left", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  const [mine, other] = [await ask(app), await ask(app)];
  const form = await openForm(app, other);
  const headers = { cookie: form.cookie, "content-type": "application/x-www-form-urlencoded" };
  const body = () => new URLSearchParams({ proof: form.proof });
  assert.equal(
    (await app.fetch(mine, { method: "POST", headers, body: body() })).status,
    403,
    "another's proof",
  );
  assert.equal((await send(app, mine, {})).status, 200);
  assert.equal((await app.fetch(mine)).status, 404);
  const [{ id }, ...rest] = await waiting(app, key);
  assert.equal(rest.length, 0);
  assert.equal((await app.fetch(`/v1/join_requests/${id}`, { method: "DELETE", key })).status, 204);
  assert.equal((await app.fetch(other)).status, 404);
  assert.deepEqual(await app.database.db.selectFrom("join_request").selectAll().execute(), []);
});

Deno.test("requests are forgotten when their time is over, counted from the decision", async () => {
  await using app = await createTestApp({ toml: `${open}\ncampaigns.request_retention = "10d"` });
  const key = await app.key({ scopes });
  const [first, second] = [await ask(app), await ask(app)];
  const all = await waiting(app, key);
  app.advance(9 * 86_400_000);
  await decide(app, key, all[0].id, "decline");
  app.advance(2 * 86_400_000);
  await app.services.joining.sweep();
  assert.deepEqual([(await app.fetch(first)).status, (await app.fetch(second)).status], [404, 200]);
  app.advance(9 * 86_400_000);
  await app.services.joining.sweep();
  assert.equal((await app.fetch(second)).status, 404);
});

Deno.test("an approved request whose invite is gone says so, and still answers", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  const address = await ask(app);
  const [{ id }] = await waiting(app, key);
  await decide(app, key, id, "approve");
  await app.database.write((db) => db.deleteFrom("invite").execute());
  const response = await app.fetch(address);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /no longer there/);
});

Deno.test("join requests without a key 401, without the scope 403, of another host 404, in pages", async () => {
  await using app = await createTestApp({ toml: open });
  const key = await app.key({ scopes });
  for (let i = 0; i < 3; i++) await ask(app);
  const all = await waiting(app, key);
  const first = await (await app.fetch("/v1/join_requests?limit=2", { key })).json();
  const second = await (await app.fetch(first.next, { key })).json();
  assert.deepEqual([...first.requests, ...second.requests], all);
  assert.equal(second.next, undefined);
  const one = `/v1/join_requests/${all[0].id}`;
  const stranger = await app.key({ scopes, host: "example.net" });
  const nobody = await app.key({ scopes: ["invites:create"] });
  const reader = await app.key({ scopes: ["requests:read"] });
  const decider = await app.key({ scopes: ["requests:decide"] });
  const routes = [["GET", "/v1/join_requests"], ["GET", one], ["DELETE", one], ["POST", `${one}/approve`], [
    "POST",
    `${one}/decline`,
  ]] as const;
  for (const [method, path] of routes) {
    const init = { method, ...(method === "POST" && { json: {} }) };
    const status = async (key?: string, url: string = path) =>
      (await app.fetch(url, { ...init, ...(key !== undefined && { key }) })).status;
    assert.equal(await status(), 401, `${method} ${path}`);
    assert.equal(await status(stranger), 401, `${method} ${path}`);
    assert.equal(await status(nobody), 403, `${method} ${path}`);
    if (method !== "GET") assert.equal(await status(reader), 403, `${method} ${path}`);
    if (path === one || method === "POST") {
      assert.equal(await status(stranger, `http://example.net${path}`), 404, `${method} ${path}`);
    }
    assert.equal((await app.fetch(path, { method: "PATCH", key })).status, 405);
  }
  assert.equal((await decide(app, decider, all[0].id, "approve")).status, 403, "needs invites:create too");
  assert.equal((await waiting(app, key)).length, 3);
});

Deno.test("a form full of combining marks is refused in no time", async () => {
  await using app = await createTestApp({ toml: open });
  const marks = "a" + "\u0300\u0316".repeat(15_000);
  for (const field of ["name", "username", "reach", "message"]) {
    const { proof, cookie } = await openForm(app, "/join");
    const body = new URLSearchParams({ proof, ...(field !== "name" && { name: "Ann" }) });
    const start = performance.now();
    const response = await app.fetch("/join", {
      ...{ method: "POST", from: "192.0.2.1", body: `${body}&${field}=${marks}` },
      headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
    });
    const took = performance.now() - start;
    assert.equal(response.status, 422, field);
    await response.body?.cancel();
    assert.ok(took < 150, `${field}: ${took} ms`);
  }
});

Deno.test("a template decides over no account by way of a request, and may make the asker a contact", async () => {
  await using app = await createTestApp({ toml: open });
  const me = operator("example.org");
  const { templates } = app.services;
  const key = await app.key({ scopes: [...scopes, "invites:reset"] });
  await templates.put(me, "reset", { reset: "admin" });
  await templates.put(me, "friend", { contact: "ann", register: true });
  await ask(app, { username: "eve" });
  const [{ id }] = await waiting(app, key);
  assert.equal((await decide(app, key, id, "approve", { template: "reset" })).status, 422);
  assert.equal((await decide(app, key, id, "approve", { template: "reset", username: null })).status, 422);
  const approved = await decide(app, key, id, "approve", { template: "friend" });
  const { invite } = await approved.json();
  assert.deepEqual([approved.status, invite.type, invite.jid], [200, "contact", "ann@example.org"]);
});
