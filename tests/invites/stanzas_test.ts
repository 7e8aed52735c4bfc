import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import type { Element } from "../../src/channel/stanza.ts";
import { conditionOf, control, createTestApp } from "../harness.ts";
import { readLua } from "../lua_table.ts";

const host = "example.org";
const me = operator(host);
/** The table that an answer holds. */
// deno-lint-ignore no-explicit-any -- each test knows what is in it
const table = (reply: Element): any => readLua(reply.getChildElements()[0]?.getText() ?? "nil");
const old = { role: "lookup", host, server: "Prosody 0.12.3" } as const;

const register = (token: string, attrs: Record<string, string> = {}, data: unknown = {}) =>
  control("invite", {
    token,
    type: "register",
    jid: host,
    created_at: "1767225600",
    expires: "1767830400",
    allow_registration: "true",
    ...attrs,
  }, JSON.stringify(data));

Deno.test("an invite that we made is a record of mod_invites to Prosody, with roles as its version has them", async () => {
  await using app = await createTestApp();
  await app.services.groups.create(me, { id: "choir", name: "Choir" });
  const { token } = await app.services.invites.create(me, {
    roles: ["member"],
    groups: ["choir"],
    note: "x",
    max_uses: 3,
  });
  const reply = await app.iq("get", host, control("invite", { token }));
  const record = table(reply);
  assert.deepEqual([record.type, record.jid, record.reusable], ["register", host, true]);
  assert.equal(record.uri, `xmpp:${host}?register;preauth=${token}`);
  assert.equal(record.expires, app.now() / 1000 + 7 * 86_400);
  assert.deepEqual(record.additional_data, {
    roles: ["member"],
    groups: ["choir"],
    note: "x",
    source: "cli",
  });
  const to12 = await app.iq("get", host, control("invite", { token }), old);
  assert.deepEqual(table(to12).additional_data.roles, { member: true });
});

Deno.test("an invite that Prosody made is kept, and read back with all that its modules put beside it", async () => {
  await using app = await createTestApp();
  const token = "abcdefghijklmnopqrstuvwx";
  const data = {
    source: "admin@example.org",
    roles: { "prosody:admin": true },
    groups: {},
    colour: { deep: [1, "x"] },
  };
  const kept = await app.iq("set", host, register(token, {}, data));
  assert.equal(kept.getChild("invite")?.attrs.landing_page, `http://127.0.0.1:5290/invite/${token}`);
  const back = await app.iq("get", host, control("invite", { token }), old);
  assert.deepEqual(table(back).additional_data, {
    colour: { deep: [1, "x"] },
    roles: { "prosody:admin": true },
    source: "admin@example.org",
  });
  const shown = await app.services.invites.show(me, token);
  assert.deepEqual([shown.type, shown.source, shown.roles, shown.state], ["account", "admin@example.org", [
    "prosody:admin",
  ], "pending"]);
});

Deno.test("resets, bound names and contact invites of Prosody's are what they are with us", async () => {
  await using app = await createTestApp();
  const typeOf = async (token: string) => {
    const { type, jid, register } = await app.services.invites.show(me, token);
    return [type, jid, register];
  };
  await app.iq("set", host, register("a".repeat(24), { jid: "ann@example.org" }, { allow_reset: "ann" }));
  await app.iq("set", host, register("b".repeat(24), { jid: "bob@example.org" }));
  await app.iq("set", host, register("c".repeat(24), { jid: "ann@example.org", type: "roster" }));
  await app.iq("set", "ann@example.org", control("invite", { token: "c".repeat(24), expires: "1767830400" }));
  await app.iq("set", "ann@example.org", control("invite", { token: "d".repeat(24), expires: "1767830400" }));
  assert.deepEqual(await typeOf("a".repeat(24)), ["reset", "ann@example.org", false]);
  assert.deepEqual(await typeOf("b".repeat(24)), ["account", "bob@example.org", false]);
  assert.deepEqual(await typeOf("c".repeat(24)), ["contact", "ann@example.org", true]);
  assert.deepEqual(await typeOf("d".repeat(24)), ["contact", "ann@example.org", false]);
});

Deno.test("a contact invite is good for its user's store, and for a registration only if it may register", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, { contact: "ann" });
  const mine = await app.iq("get", "ann@example.org", control("invite", { token }));
  assert.equal(table(mine).expires, app.now() / 1000 + 7 * 86_400);
  assert.equal(
    (await app.iq("get", "bob@example.org", control("invite", { token }))).getChild("invite"),
    undefined,
  );
  assert.equal(
    table(await app.iq("get", host, control("invite", { token }))).expires,
    0,
  );
});

Deno.test("what is used, revoked or of another host is not there for Prosody; what expired says when", async () => {
  await using app = await createTestApp();
  const [revoked, other, brief] = [
    await app.services.invites.create(me, {}),
    await app.services.invites.create(operator("example.net"), {}),
    await app.services.invites.create(me, { ttl: 1000 }),
  ];
  await app.services.invites.revoke(me, revoked.token);
  for (const { token } of [revoked, other]) {
    assert.equal((await app.iq("get", host, control("invite", { token }))).getChild("invite"), undefined);
  }
  app.advance(5000);
  const expired = await app.iq("get", host, control("invite", { token: brief.token }));
  assert.ok(table(expired).expires * 1000 < app.now());
});

Deno.test("mod_invites letting go of a token means used while somebody redeems it, else revoked", async () => {
  await using app = await createTestApp();
  const state = async (token: string) => (await app.services.invites.show(me, token)).state;
  const [held, idle] = [await app.services.invites.create(me, {}), await app.services.invites.create(me, {})];
  await app.iq(
    "set",
    "ann@example.org",
    control("reserve", { token: held.token, claim: "1", exists: "false" }),
  );
  for (const { token } of [held, idle]) {
    await app.iq("set", host, control("invite", { token, remove: "true" }));
  }
  assert.deepEqual([await state(held.token), await state(idle.token)], ["used", "revoked"]);
  await app.iq("set", "ann@example.org", control("commit", { token: held.token, claim: "1" }));
  assert.equal((await app.services.invites.show(me, held.token)).uses, 1);
});

Deno.test("a listing has the pending invites that allow a registration, in pages", async () => {
  await using app = await createTestApp();
  await Promise.all(Array.from({ length: 205 }, () => app.services.invites.create(me, {})));
  await app.services.invites.create(me, { contact: "ann" });
  await app.services.invites.create(operator("example.net"), {});
  const first = table(await app.iq("get", host, control("invites")));
  const rest = table(await app.iq("get", host, control("invites", { before: String(first.next) })));
  assert.equal(first.records.length + rest.records.length, 205);
  assert.equal(rest.next, undefined);
});

Deno.test("questions that make no sense are refused and change nothing", async () => {
  await using app = await createTestApp();
  const token = "x".repeat(24);
  for (
    const [to, child, condition] of [
      [host, control("invite"), "bad-request"],
      [
        host,
        control("invite", { token, type: "odd", jid: host, expires: "1", created_at: "1" }),
        "bad-request",
      ],
      [
        host,
        control("invite", { token, type: "register", jid: host, expires: "soon", created_at: "1" }),
        "bad-request",
      ],
      [host, register("short"), "not-acceptable"],
      [host, register("a b".repeat(10)), "not-acceptable"],
      [host, register(token, { jid: "example.net" }), "not-acceptable"],
      [host, register(token, { jid: "a b@example.org" }), "not-acceptable"],
      [host, register(token, { type: "roster" }), "not-acceptable"],
      [host, register(token, {}, { allow_reset: "" }), "not-acceptable"],
      [host, control("reserve", { token, claim: "1" }), "bad-request"],
      ["ann@example.org", control("reserve", { token }), "bad-request"],
      ["ann@example.org", control("reserve", { token, claim: "1" }), "item-not-found"],
      ["ann@example.org", control("purge"), undefined],
      [host, control("purge"), "bad-request"],
      ["a b@example.org", control("purge"), "bad-request"],
    ] as const
  ) {
    assert.equal(conditionOf(await app.iq("set", to, child)), condition, child.toString());
  }
  const broken = register(token);
  broken.children = ["{"];
  assert.equal(conditionOf(await app.iq("set", host, broken)), "bad-request");
  assert.equal((await app.services.invites.list(me, { limit: 5 })).invites.length, 0);
});
