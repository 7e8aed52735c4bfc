import assert from "node:assert/strict";
import fc from "fast-check";
import { controlNs, type Element, xml } from "../../src/channel/stanza.ts";
import { conditionOf, control, createTestApp, type TestApp } from "../harness.ts";
import { readLua } from "../lua_table.ts";

const rosterNs = "jabber:iq:roster";
const query = (attrs: Record<string, string> = {}, ...items: Element[]) =>
  xml("query", { xmlns: rosterNs, ...attrs }, ...items);
const john = "john@example.org";

/** What any program gets that has said nothing of itself. */
const get = (app: TestApp, to: string, attrs?: Record<string, string>) => app.iq("get", to, query(attrs), {});
const set = (app: TestApp, to: string, ...items: Element[]) => app.iq("set", to, query({}, ...items), {});
/** What Prosody's driver sends. */
const save = (
  app: TestApp,
  to: string,
  version: number,
  delta: unknown,
  attrs: Record<string, string> = {},
) => app.iq("set", to, control("roster", { version: String(version), ...attrs }, JSON.stringify(delta)));
/** What Prosody's driver gets. */
async function load(app: TestApp, to: string): Promise<unknown> {
  const text = (await app.iq("get", to, control("roster"))).getChildText("roster", controlNs);
  return text === null ? undefined : readLua(text);
}
const saved = async (app: TestApp, to: string, version: number, delta: unknown) =>
  assert.equal((await save(app, to, version, delta)).attrs.type, "result");
const item = (more: Record<string, unknown> = {}) => ({ subscription: "both", groups: {}, ...more });

Deno.test("any program may get a roster and set a contact, as RFC 6121 has it", async () => {
  await using app = await createTestApp();
  const empty = await get(app, john);
  assert.equal(empty.getChild("query", rosterNs)?.attrs.ver, "0");
  const marie = xml(
    "item",
    { jid: "Marie@Example.org", name: 'M & "<ie>', subscription: "both" },
    xml("group", {}, "Friends & co"),
  );
  const bob = xml("item", { jid: "bob@example.net", subscription: "none", ask: "subscribe" });
  assert.equal((await set(app, john, marie)).attrs.type, "result");
  assert.equal((await set(app, john, bob)).attrs.type, "result");
  const kept = (await get(app, "JOHN@example.org")).getChild("query", rosterNs);
  assert.equal(kept?.attrs.ver, "2");
  assert.deepEqual(kept?.getChildren("item").map(({ attrs }) => ({ ...attrs })), [
    { jid: "bob@example.net", subscription: "none", ask: "subscribe" },
    { jid: "marie@example.org", name: 'M & "<ie>', subscription: "both" },
  ]);
  assert.equal(kept?.getChildren("item")[1]?.getChildText("group"), "Friends & co");
  assert.equal(
    (await get(app, john, { ver: "2" })).getChild("query", rosterNs),
    undefined,
    "it has this one",
  );
  assert.ok((await get(app, john, { ver: "1" })).getChild("query", rosterNs));
  assert.equal(
    (await set(app, john, xml("item", { jid: "bob@example.net", subscription: "remove" }))).attrs.type,
    "result",
  );
  assert.equal((await get(app, john)).getChild("query", rosterNs)?.getChildren("item").length, 1);
});

Deno.test("a roster set that cannot be is refused with its condition, and nothing changes", async () => {
  await using app = await createTestApp();
  const contact = (attrs: Record<string, string>) => xml("item", { jid: "x@example.net", ...attrs });
  const refused: [Element[], string][] = [
    [[], "bad-request"],
    [[contact({}), contact({})], "bad-request"],
    [[xml("item", { xmlns: "urn:other", jid: "x@example.net" })], "bad-request"],
    [[contact({ subscription: "often" })], "not-acceptable"],
    [[contact({ subscription: "to", ask: "subscribe" })], "not-acceptable"],
    [[contact({ jid: "x@example.net/phone" })], "not-acceptable"],
    [[contact({ jid: john })], "not-acceptable"],
    [[contact({ name: "n".repeat(2_000) })], "not-acceptable"],
    [[contact({ subscription: "remove" })], "item-not-found"],
  ];
  for (const [items, condition] of refused) {
    assert.equal(conditionOf(await set(app, john, ...items)), condition, items.map(String).join());
  }
  assert.equal(conditionOf(await get(app, "example.org")), "bad-request");
  assert.equal(conditionOf(await get(app, "john@example.com")), "item-not-found");
  assert.equal(
    conditionOf(await app.iq("get", john, control("roster"), {})),
    "forbidden",
    "that needs a hello",
  );
  assert.equal(await load(app, john), undefined);
  await using managed = await createTestApp({ toml: '[rosters]\npolicy = "managed"' });
  assert.equal(conditionOf(await set(managed, john, contact({}))), "not-allowed");
});

Deno.test("what Prosody's driver keeps comes back as it was: contacts, requests, version", async () => {
  await using app = await createTestApp();
  assert.equal(await load(app, john), undefined);
  const request =
    `<presence from="eve@example.net" type="subscribe"><status>it's "me" &amp; you</status></presence>`;
  const marie = item({ name: 'Ma\\ri"e ]] 😀\u007f', groups: { Friends: true, end: true, "a b": true } });
  await saved(app, john, 1, { items: { "marie@example.org": marie }, pending: {} });
  await saved(app, john, 2, {
    items: {
      "x_y@conference.example.net": item({ subscription: "none", ask: "subscribe", approved: "true" }),
    },
    pending: { "eve@example.net": request, "bob@example.net": true },
  });
  await saved(app, john, 3, { items: { "marie@example.org": { ...marie, name: "Marie\nCurie" } } });
  assert.deepEqual(await load(app, john), {
    false: { version: 3, pending: { "eve@example.net": request, "bob@example.net": true } },
    "marie@example.org": {
      subscription: "both",
      name: "Marie Curie",
      groups: { "a b": true, Friends: true, end: true },
    },
    "x_y@conference.example.net": { subscription: "none", ask: "subscribe", approved: "true", groups: {} },
  });
  await saved(app, john, 4, {
    items: { "marie@example.org": false, "never@example.org": false },
    pending: {},
  });
  assert.deepEqual(Object.keys(await load(app, john) as object), ["false", "x_y@conference.example.net"]);
  assert.equal(
    (await save(app, john, 5, { items: { "a@b.example": item() } }, { replace: "true" })).attrs.type,
    "result",
  );
  assert.deepEqual(Object.keys(await load(app, john) as object), ["false", "a@b.example"]);
  assert.equal((await app.iq("set", john, control("roster", { remove: "true" }))).attrs.type, "result");
  assert.equal(await load(app, john), undefined);
});

Deno.test("a version beyond counting is not taken over, and loses no contact", async () => {
  await using app = await createTestApp();
  for (const [i, version] of [2 ** 40 + 1, Number.MAX_SAFE_INTEGER, 2 ** 60].entries()) {
    await saved(app, john, version, { items: [[`c${i}@example.org`, { subscription: "both" }]] });
  }
  const { false: about, ...contacts } = await load(app, john) as Record<string, unknown>;
  assert.deepEqual(about, { version: 3, pending: {} });
  assert.equal(Object.keys(contacts).length, 3);
  assert.equal(conditionOf(await save(app, john, Infinity, {})), "bad-request");
});

Deno.test("versions only grow, whatever Prosody believes, and a roster made anew is not taken for the old one", async () => {
  await using app = await createTestApp();
  await saved(app, john, 7, { items: { "a@example.org": item() } });
  await saved(app, john, 3, { items: { "b@example.org": item() } });
  assert.deepEqual((await load(app, john) as { false: unknown }).false, { version: 8, pending: {} });
  await app.iq("set", john, control("purge"));
  await saved(app, john, 8, { items: { "c@example.org": item() } });
  assert.deepEqual(Object.keys(await load(app, john) as object), ["false", "c@example.org"]);
});

Deno.test("a change by anybody is seen by the next lookup, although answers are kept", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: ["rosters:write"] });
  for (let i = 0; i < 3; i++) {
    await app.fetch("/v1/rosters/john", {
      method: "PATCH",
      key,
      json: { "marie@example.org": { name: `Marie ${i}` } },
    });
    const { "marie@example.org": marie } = await load(app, john) as Record<string, { name: string }>;
    assert.equal(marie?.name, `Marie ${i}`);
    assert.deepEqual(await load(app, john), await load(app, john));
  }
});

Deno.test("what the driver sends is refused if it could not be kept, and nothing of it is", async () => {
  await using app = await createTestApp();
  const good = { "good@example.org": item() };
  const wrong = [
    { items: { ...good, "x@example.org": item({ name: "n".repeat(1_024) }) } },
    { items: { ...good, "x@example.org": item({ subscription: "often" }) } },
    { items: { ...good, ["x".repeat(4_000)]: item() } },
    { items: { ...good, "": item() } },
    { items: good, pending: { "eve@example.org": 5 } },
    [],
    "text",
  ];
  for (const delta of wrong) {
    assert.ok(conditionOf(await save(app, john, 1, delta)), JSON.stringify(delta).slice(0, 99));
  }
  assert.ok(conditionOf(await save(app, john, NaN, { items: good })));
  const nonsense = control("roster", { version: "1" }, "{");
  assert.equal(conditionOf(await app.iq("set", john, nonsense)), "bad-request");
  assert.equal(await load(app, john), undefined);
});

Deno.test("users with a roster are listed page by page, each host its own", async () => {
  await using app = await createTestApp();
  for (const user of ["b", "a", "c"]) await saved(app, `${user}@example.org`, 1, { items: {} });
  await saved(app, "elsewhere@example.net", 1, { items: {} });
  const list = async (attrs: Record<string, string>) =>
    readLua((await app.iq("get", "example.org", control("rosters", attrs))).getChildText("rosters") ?? "");
  assert.deepEqual(await list({}), { users: ["a", "b", "c"] });
  assert.deepEqual(await list({ after: "a" }), { users: ["b", "c"] });
});

Deno.test("any roster that the API takes is the same in the API, in XML and in Prosody's table", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: ["rosters:read", "rosters:write"] });
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((one) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(one));
  const contact = fc.record({
    name: text,
    subscription: fc.constantFrom("none", "to", "from", "both"),
    groups: fc.uniqueArray(text, { maxLength: 3 }).map((groups) => groups.sort()),
  }, { noNullPrototype: true });
  const jid = fc.stringMatching(/^[a-z][a-z0-9._-]{0,8}$/).map((local) => `${local}@example.org`)
    .filter((one) => one !== john);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(jid, contact, { maxKeys: 8, noNullPrototype: true }), async (roster) => {
      const put = await app.fetch("/v1/rosters/john", { method: "PUT", key, json: roster });
      assert.equal(put.status, 200, await put.text());
      assert.deepEqual(await (await app.fetch("/v1/rosters/john", { key })).json(), roster);
      const { false: _, ...table } = await load(app, john) as Record<string, { groups: object }> ?? {};
      const asTable = Object.entries(roster).map((
        [one, { groups, ...rest }],
      ) => [one, { ...rest, groups: Object.fromEntries(groups.map((group) => [group, true])) }]);
      assert.deepEqual(table, Object.fromEntries(asTable));
      const items = (await get(app, john)).getChild("query", rosterNs)?.getChildren("item") ?? [];
      const asXml = items.map((one) => [one.attrs.jid, {
        name: one.attrs.name,
        subscription: one.attrs.subscription,
        groups: one.getChildren("group").map((group) => group.getText()),
      }]);
      assert.deepEqual(Object.fromEntries(asXml), roster);
    }),
    { numRuns: 60 },
  );
});

Deno.test("nobody's client makes a roster larger than it may be, in contacts or in bytes", async () => {
  await using app = await createTestApp({ toml: "[rosters]\nmax_items = 3\nmax_body = 5000" });
  for (const name of ["a", "b", "c"]) await saved(app, john, 1, { items: [[`${name}@example.org`, item()]] });
  assert.equal(
    conditionOf(await save(app, john, 9, { items: [["d@example.org", item()]] })),
    "not-acceptable",
  );
  await saved(app, john, 9, { items: [["a@example.org", false]] });
  await saved(app, john, 9, { items: [["d@example.org", item()]] });
  const groups = Array.from({ length: 6 }, (_, i) => `${i}`.repeat(1_000));
  const large = { items: [["d@example.org", item({ groups })]] };
  assert.equal(conditionOf(await save(app, john, 10, large)), "not-acceptable");
  const key = await app.key({ scopes: ["rosters:write"] });
  const patch = (json: unknown) => app.fetch("/v1/rosters/john", { method: "PATCH", key, json });
  for (const one of ["b", "c"]) {
    assert.equal((await patch({ [`${one}@example.org`]: { groups: groups.slice(0, 2) } })).status, 200);
  }
  assert.equal((await patch({ "d@example.org": { groups: groups.slice(0, 2) } })).status, 422);
  const { "d@example.org": d } = await load(app, john) as Record<string, { groups: object }>;
  assert.deepEqual(d?.groups, {});
});

Deno.test("what Prosody's JSON gives a meaning of its own is a contact or a group like any other", async () => {
  await using app = await createTestApp();
  await saved(app, john, 1, {
    items: [["__array", item({ groups: ["__hash", "__array"] })], ["__hash", item()]],
  });
  const { false: _, ...contacts } = await load(app, john) as Record<string, unknown>;
  assert.deepEqual(contacts, {
    "__array": { subscription: "both", groups: { "__array": true, "__hash": true } },
    "__hash": { subscription: "both", groups: {} },
  });
});
