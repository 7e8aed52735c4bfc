import assert from "node:assert/strict";
import { createTestApp, type TestApp } from "../harness.ts";

const all = ["invites:create", "invites:read", "invites:revoke", "templates:write"];

interface Seen {
  readonly id: string;
  readonly token: string;
  readonly landing_page: string;
  readonly state: string;
  readonly note?: string;
  readonly expires_at: string;
}

const lines = (text: string): Seen[] => text.trimEnd().split("\n").map((line) => JSON.parse(line));

function bulk(app: TestApp, key: string, json: unknown, headers: Record<string, string> = {}) {
  return app.fetch("/v1/invites/bulk", { method: "POST", key, json, headers });
}

const idOf = (response: Response) => response.headers.get("location")?.split("/").at(-1) ?? "";

Deno.test("bulk makes as many invites as are asked for, a line each, all different and all good", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const response = await bulk(app, key, { count: 400, note: "open day", ttl: "3d", label: "Open day" });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("content-type"), "application/x-ndjson");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const made = lines(await response.text());
  assert.equal(new Set(made.map(({ token }) => token)).size, 400);
  for (const { id, ...invite } of [made[0]!, made[399]!]) {
    const shown = await (await app.fetch(`/v1/invites/${id}`, { key })).json();
    assert.deepEqual(shown, { id, ...invite, redeemed_by: [] });
    assert.equal(shown.note, "open day");
    assert.equal(Date.parse(shown.expires_at) - app.now(), 3 * 86_400_000);
    assert.equal((await app.fetch(`/invite/${shown.token}`)).status, 200);
  }
  const campaign = await (await app.fetch(response.headers.get("location")!, { key })).json();
  assert.deepEqual(campaign, {
    id: idOf(response),
    host: "example.org",
    label: "Open day",
    source: campaign.source,
    count: 400,
    made: 400,
    created_at: new Date(app.now()).toISOString(),
    invites: { pending: 400, paused: 0, used: 0, expired: 0, revoked: 0 },
    uses: 0,
  });
  assert.match(campaign.source, /^api\/token\//);
});

Deno.test("bulk answers a table or one document where those are asked for, and no cell is a formula", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const table = await bulk(app, key, { count: 200, note: '=HYPERLINK("x"), é' }, { accept: "text/csv" });
  assert.match(table.headers.get("content-type")!, /^text\/csv; charset=utf-8/);
  const rows = (await table.text()).trimEnd().split("\r\n");
  assert.equal(rows.length, 201);
  assert.match(rows[0]!, /^id,landing_page,uri,state,type,jid,expires_at/);
  assert.match(rows[1]!, /^[\w-]{16},http.*,"'=HYPERLINK\(""x""\), é",/);
  const accept = "application/json;q=0.9, text/html;q=0.3";
  const document = await bulk(app, key, { count: 200 }, { accept });
  const { campaign, invites } = await document.json();
  assert.equal(invites.length, 200);
  assert.equal(campaign.id, idOf(document));
});

Deno.test("the same Idempotency-Key gets the same invites, another request with it is refused", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const once = { "idempotency-key": '"one"' };
  const first = await bulk(app, key, { count: 300 }, once);
  const made = await first.text();
  const second = await bulk(app, key, { count: 300 }, once);
  assert.equal(await second.text(), made);
  assert.equal(idOf(second), idOf(first));
  assert.equal((await bulk(app, key, { count: 301 }, once)).status, 422);
  const other = await bulk(app, await app.key({ scopes: all }), { count: 1 }, once);
  assert.equal(other.status, 201, "another key's are its own");
  await other.text();
  app.advance(25 * 3_600_000);
  const later = await bulk(app, key, { count: 301 }, once);
  assert.equal(lines(await later.text()).length, 301);
});

Deno.test("whoever stops reading stops the making, and gets all of it when the campaign is asked for again", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const response = await bulk(app, key, { count: 1_000 });
  const reader = response.body!.getReader();
  const heard = lines(new TextDecoder().decode((await reader.read()).value));
  const busy = await app.fetch(`/v1/campaigns/${idOf(response)}/invites`, { method: "POST", key });
  assert.equal(busy.status, 409, "it is being made");
  await reader.cancel();
  const { made, invites } = await (await app.fetch(`/v1/campaigns/${idOf(response)}`, { key })).json();
  assert.ok(made >= heard.length && made < 1_000, `${made}`);
  assert.equal(invites.pending, made);
  const again = await app.fetch(`/v1/campaigns/${idOf(response)}/invites`, { method: "POST", key });
  const everything = lines(await again.text());
  assert.equal(everything.length, 1_000);
  assert.deepEqual(everything.slice(0, heard.length), heard);
  assert.equal(new Set(everything.map(({ token }) => token)).size, 1_000);
});

Deno.test("wrong counts, labels and members are refused before anything is made", async () => {
  await using app = await createTestApp({ toml: "campaigns.max_count = 500" });
  const key = await app.key({ scopes: all });
  for (
    const [json, at] of [
      [{}, "/count"],
      [{ count: 0 }, "/count"],
      [{ count: 501 }, "/count"],
      [{ count: 1.5 }, "/count"],
      [{ count: "7" }, "/count"],
      [{ count: 1, label: "a\nb" }, "/label"],
      [{ count: 1, username: "ann" }, "/username"],
      [{ count: 1, reset: "ann" }, "/reset"],
      [{ count: 1, contact: "john", register: true, for: "ann@example.org" }, "/for"],
      [{ count: 1, counts: 2 }, "/counts"],
      [{ count: 1, ttl: "never never" }, "/ttl"],
      [{ count: 1, template: "none" }, "/template"],
    ] as const
  ) {
    const response = await bulk(app, key, json);
    const { errors } = await response.json();
    assert.deepEqual([response.status, errors?.[0]?.pointer], [422, at], JSON.stringify(json));
  }
  assert.deepEqual((await (await app.fetch("/v1/campaigns", { key })).json()).campaigns, []);
});

Deno.test("many invites may be for contacts, last for ever and be used without limit", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const request = { contact: "john", register: true, for: "example.com", ttl: "never", max_uses: null };
  await app.fetch("/v1/invite_templates/contact", { method: "PUT", key, json: request });
  for (const json of [{ ...request, register: false }, { template: "contact", register: false }]) {
    const [one] = lines(await (await bulk(app, key, { count: 2, ...json })).text());
    const { redeemed_by: _, ...shown } = await (await app.fetch(`/v1/invites/${one!.id}`, { key })).json();
    assert.deepEqual(one, shown);
    const { jid, type, expires_at, max_uses } = shown;
    assert.deepEqual([jid, type, shown.for, expires_at, max_uses], [
      ...["john@example.org", "contact", "example.com", null, null],
    ]);
  }
});

Deno.test("a key's limits hold for each of many", async () => {
  await using app = await createTestApp();
  await app.groups("choir", "band");
  const key = await app.key({ limits: { ttl: 3_600, uses: 2, groups: ["choir"], roles: [] } });
  assert.equal((await bulk(app, key, { count: 2, ttl: "2h" })).status, 403);
  assert.equal((await bulk(app, key, { count: 2, max_uses: 3 })).status, 403);
  assert.equal((await bulk(app, key, { count: 2, groups: ["band"] })).status, 403);
  const made = await bulk(app, key, { count: 2, groups: ["choir"], max_uses: 2 });
  assert.equal(made.status, 201);
  await made.text();
  assert.equal((await bulk(app, await app.key({ scopes: ["invites:read"] }), { count: 1 })).status, 403);
});

Deno.test("a campaign's invites are listed by state, in pages or as a stream, and revoked together", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const made = await bulk(app, key, { count: 450 });
  const [campaign, invites] = [`/v1/campaigns/${idOf(made)}`, lines(await made.text())];
  await bulk(app, key, { count: 3 }).then((other) => other.text());
  const revoked = new Set([invites[0]!, invites[200]!, invites[449]!].map(({ id }) => id));
  for (const id of revoked) await app.fetch(`/v1/invites/${id}`, { method: "DELETE", key });

  const head = await app.fetch(`${campaign}/invites`, { method: "HEAD", key });
  assert.deepEqual([head.status, head.headers.get("content-type")], [200, "application/x-ndjson"]);
  const stream = lines(await (await app.fetch(`${campaign}/invites?state=revoked`, { key })).text());
  assert.deepEqual(stream.map(({ id }) => id), [...revoked]);
  const headers = { accept: "application/json" };
  const found: Seen[] = [];
  let pages = 0;
  for (let path: string | undefined = `${campaign}/invites?state=pending&limit=149`; path !== undefined;) {
    const page: { invites: Seen[]; next?: string } = await (await app.fetch(path, { key, headers })).json();
    assert.ok(page.invites.length <= 149);
    found.push(...page.invites);
    path = page.next;
    pages++;
  }
  assert.equal(pages, 3);
  assert.deepEqual(found, invites.filter(({ id }) => !revoked.has(id)));

  assert.equal((await app.fetch(campaign, { method: "DELETE", key })).status, 204);
  const shown = await (await app.fetch(campaign, { key })).json();
  assert.deepEqual([shown.invites.revoked, shown.invites.pending], [450, 0]);
  assert.ok(shown.revoked_at);
  assert.equal((await app.fetch(`/invite/${invites[7]!.token}`)).status, 410);
});

Deno.test("a campaign that is revoked while it is made ends, and no more of it are made afterwards", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const response = await bulk(app, key, { count: 2_000 });
  const reader = response.body!.getReader();
  await reader.read();
  const campaign = `/v1/campaigns/${idOf(response)}`;
  assert.equal((await app.fetch(campaign, { method: "DELETE", key })).status, 204);
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  });
  const { invites, made } = await (await app.fetch(campaign, { key })).json();
  assert.equal(invites.revoked, made);
  const again = await app.fetch(`${campaign}/invites`, { method: "POST", key });
  await assert.rejects(again.text());
});

Deno.test("campaigns are listed newest first, page by page", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const made = await bulk(app, key, { count: 1, label: `No. ${i}` });
    await made.text();
    ids.unshift(idOf(made));
  }
  const first = await (await app.fetch("/v1/campaigns?limit=3", { key })).json();
  const second = await (await app.fetch(first.next, { key })).json();
  assert.deepEqual([...first.campaigns, ...second.campaigns].map(({ id }: Seen) => id), ids);
  assert.equal(second.next, undefined);
  assert.equal((await app.fetch("/v1/campaigns?after=x", { key })).status, 422);
});

Deno.test("campaigns without a key 401, without the scope 403, of another host 404, other methods 405", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const made = await bulk(app, key, { count: 1 });
  const id = idOf(made);
  await made.text();
  const stranger = await app.key({ scopes: all, host: "example.net" });
  const nobody = await app.key({ scopes: ["rosters:read"] });
  const routes: [method: string, path: string][] = [
    ["POST", "/v1/invites/bulk"],
    ["GET", "/v1/campaigns"],
    ["GET", `/v1/campaigns/${id}`],
    ["DELETE", `/v1/campaigns/${id}`],
    ["GET", `/v1/campaigns/${id}/invites`],
    ["POST", `/v1/campaigns/${id}/invites`],
  ];
  for (const [method, path] of routes) {
    const json = path.endsWith("bulk") ? { count: 1 } : undefined;
    const status = async (more: { key?: string }, url = path) =>
      (await app.fetch(url, { method, ...more, ...(json && { json }) })).status;
    assert.equal(await status({}), 401, `${method} ${path}`);
    assert.equal(await status({ key: stranger }), 401, `${method} ${path}`);
    assert.equal(await status({ key: nobody }), 403, `${method} ${path}`);
    if (path.includes(id)) {
      assert.equal(await status({ key: stranger }, `http://example.net${path}`), 404, `${method} ${path}`);
      assert.equal(await status({ key }, path.replace(id, "x")), 404, `${method} ${path}`);
    }
    const wrong = await app.fetch(path, { method: "PATCH", key });
    assert.equal(wrong.status, 405);
    assert.ok(wrong.headers.get("allow")?.includes(method));
  }
  const creator = await app.key();
  const others = await app.fetch(`/v1/campaigns/${id}/invites`, { method: "POST", key: creator });
  assert.equal(others.status, 403, "a key that may only make invites sees no other key's");
});

Deno.test("campaigns of which no invite is left are forgotten", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: all });
  const made = await bulk(app, key, { count: 3, ttl: "1d" });
  await made.text();
  const there = async () => (await app.fetch(`/v1/campaigns/${idOf(made)}`, { key })).status;
  app.advance(30.5 * 86_400_000);
  await app.services.campaigns.sweep();
  assert.equal(await there(), 200, "its invites are still looked up");
  app.advance(86_400_000);
  await app.services.redemption.sweep();
  await app.services.campaigns.sweep();
  assert.equal(await there(), 404);
});
