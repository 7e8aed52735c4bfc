import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { createTestApp } from "../harness.ts";

const me = operator("example.org");
const day = 86_400_000;

Deno.test("an invite for an account, one name, a contact or a new password has the URI that XEPs 0401 and 0379 ask for", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  const uriOf = async (request: Parameters<typeof invites.create>[1]) => {
    const { uri, token, landing_page } = await invites.create(me, request);
    assert.match(token, /^[\w-]{24}$/);
    assert.equal(landing_page, `http://127.0.0.1:5290/invite/${token}`);
    return uri.replace(token, "T");
  };
  assert.equal(await uriOf({}), "xmpp:example.org?register;preauth=T");
  assert.equal(await uriOf({ username: "Ann" }), "xmpp:ann@example.org?register;preauth=T");
  assert.equal(await uriOf({ reset: "ann" }), "xmpp:ann@example.org?register;preauth=T");
  assert.equal(await uriOf({ contact: "bob" }), "xmpp:bob@example.org?roster;preauth=T");
  assert.equal(
    await uriOf({ contact: "bob", register: true }),
    "xmpp:bob@example.org?roster;preauth=T;ibr=y",
  );
  assert.equal(await uriOf({ contact: "ü?x" }), "xmpp:%C3%BC%3Fx@example.org?roster;preauth=T");
});

Deno.test("invites live for a week and resets for a day unless told otherwise", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  assert.equal((await invites.create(me, {})).expires_at, app.now() + 7 * day);
  assert.equal((await invites.create(me, { reset: "ann" })).expires_at, app.now() + day);
  const brief = await invites.create(me, { ttl: 5_000 });
  app.advance(4_999);
  assert.equal((await invites.findByToken("example.org", brief.token))?.state, "pending");
  app.advance(1);
  assert.equal((await invites.findByToken("example.org", brief.token))?.state, "expired");
});

Deno.test("a username is kept for the one invite while it is pending, and free when that ends", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  const first = await invites.create(me, { username: "ann", ttl: day });
  await assert.rejects(invites.create(me, { username: "ANN" }), { code: "username-reserved" });
  await invites.create(operator("example.net"), { username: "ann" });
  await invites.revoke(me, first.token);
  await invites.create(me, { username: "ann", ttl: day });
  app.advance(day);
  await invites.create(me, { username: "ann" });
});

Deno.test("of 20 invites for one username asked for at once, one is made", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, () => invites.create(me, { username: "ann" })),
  );
  assert.equal(all.filter(({ status }) => status === "fulfilled").length, 1);
});

Deno.test("a username that exists is refused, and a reset for one that does not, if Prosody says so", async () => {
  const prosody = { userExists: (_: string, user: string) => Promise.resolve(user === "ann") };
  await using app = await createTestApp({ prosody });
  const { invites } = app.services;
  await assert.rejects(invites.create(me, { username: "ann" }), { code: "username-taken" });
  await assert.rejects(invites.create(me, { reset: "bob" }), {
    code: "invalid",
    faults: [{ at: "/reset", reason: "There is no account bob@example.org." }],
  });
  await assert.rejects(invites.create(me, { contact: "bob" }), { code: "invalid" });
  await invites.create(me, { username: "bob" });
  await invites.create(me, { reset: "ann" });
});

Deno.test("values that make no sense are refused with the place and the reason", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  const cases: [Parameters<typeof invites.create>[1], string][] = [
    [{ username: "a b" }, "/username"],
    [{ username: "" }, "/username"],
    [{ username: "a@b" }, "/username"],
    [{ username: "x".repeat(2000) }, "/username"],
    [{ contact: "\u0000" }, "/contact"],
    [{ username: "a", contact: "b" }, "/contact"],
    [{ register: true }, "/register"],
    [{ ttl: 999 }, "/ttl"],
    [{ reset: "a", ttl: 400 * day }, "/ttl"],
    [{ reset: "a", ttl: Infinity }, "/ttl"],
    [{ ttl: NaN }, "/ttl"],
    [{ max_uses: 0 }, "/max_uses"],
    [{ max_uses: 1.5 }, "/max_uses"],
    [{ username: "a", max_uses: 2 }, "/max_uses"],
    [{ username: "a", max_uses: null }, "/max_uses"],
    [{ reset: "a", max_uses: null }, "/max_uses"],
    [{ contact: "a", register: true, for: "b@example.org", max_uses: 2 }, "/max_uses"],
    [{ for: "b@example.org" }, "/for"],
    [{ contact: "a", for: "b@c@d" }, "/for"],
    [{ contact: "a", for: "" }, "/for"],
    [{ contact: "a", register: true, for: "b@elsewhere.example" }, "/register"],
    [{ roles: ["a\nb"] }, "/roles/0"],
    [{ groups: ["ok", ""] }, "/groups/1"],
    [{ reset: "a", roles: ["prosody:admin"] }, "/roles"],
    [{ note: "x".repeat(1001) }, "/note"],
  ];
  for (const [request, at] of cases) {
    await assert.rejects(invites.create(me, request), (error: { code: string; faults: { at: string }[] }) => {
      assert.equal(error.code, "invalid");
      assert.equal(error.faults[0]?.at, at, JSON.stringify(request).slice(0, 80));
      return true;
    });
  }
  assert.equal((await invites.list(me, { limit: 10 })).invites.length, 0);
});

Deno.test("an actor makes no invite with more than it holds", async () => {
  await using app = await createTestApp();
  const { invites, keys } = app.services;
  const actorOf = async (options: Parameters<typeof keys.create>[1]) => {
    const actor = await keys.authenticate("example.org", (await keys.create("example.org", options)).key);
    assert.ok(actor);
    return actor;
  };
  const plain = await actorOf({});
  for (const request of [{ roles: ["prosody:admin"] }, { groups: ["staff"] }, { reset: "ann" }]) {
    await assert.rejects(invites.create(plain, request), { code: "not-allowed" });
  }
  for (
    const forbidden of [
      invites.list(plain, { limit: 1 }),
      invites.show(plain, "x"),
      invites.revoke(plain, "x"),
    ]
  ) {
    await assert.rejects(forbidden, { code: "not-allowed" });
  }
  const limited = await actorOf({ limits: { roles: ["member"], ttl: 3600, uses: 5 } });
  const invite = await invites.create(limited, { roles: ["member"], max_uses: 5 });
  assert.equal(invite.expires_at, invite.created_at + 3_600_000);
  await assert.rejects(invites.create(limited, { max_uses: 6 }), { code: "not-allowed" });
  await assert.rejects(invites.create(limited, { ttl: 2 * 3_600_000 }), { code: "not-allowed" });
});

Deno.test("an invite is shown and revoked by token or id, on its own host alone", async () => {
  await using app = await createTestApp();
  const { invites, groups } = app.services;
  await groups.create(me, { id: "choir", name: "Choir" });
  const made = await invites.create(me, { note: "for Ann", roles: ["member"], groups: ["choir"] });
  for (const name of [made.token, made.id]) {
    const { redeemed_by, ...shown } = await invites.show(me, name);
    assert.deepEqual(shown, made);
    assert.deepEqual(redeemed_by, []);
    await assert.rejects(invites.show(operator("example.net"), name), { code: "not-found" });
    await assert.rejects(invites.revoke(operator("example.net"), name), { code: "not-found" });
  }
  await invites.revoke(me, made.id);
  await invites.revoke(me, made.id);
  assert.equal((await invites.show(me, made.token)).state, "revoked");
  await assert.rejects(invites.show(me, "no-such-invite-0"), { code: "not-found" });
  await assert.rejects(invites.show(me, "%' or 1=1 --"), { code: "not-found" });
});

Deno.test("pages of a list hold every invite of the host once, newest first, and a state picks its own", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  const made: string[] = [];
  for (let i = 0; i < 25; i++) made.unshift((await invites.create(me, {})).id);
  await invites.create(operator("example.net"), {});
  for (const id of made.slice(0, 3)) await invites.revoke(me, id);
  const walk = async (state?: "revoked" | "pending" | "used") => {
    const ids: string[] = [];
    for (let after: string | undefined, pages = 0; pages < 9; pages++) {
      const page = await invites.list(me, { state, after, limit: 10 });
      ids.push(...page.invites.map(({ id }) => id));
      after = page.next;
      if (after === undefined) break;
    }
    return ids;
  };
  assert.deepEqual(await walk(), made);
  assert.deepEqual(await walk("revoked"), made.slice(0, 3));
  assert.deepEqual(await walk("pending"), made.slice(3));
  assert.deepEqual(await walk("used"), []);
});

Deno.test("no token can be read from a copy of the database", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, {});
  await app.database.close();
  for await (const file of Deno.readDir(app.dir)) {
    const text = new TextDecoder("latin1").decode(await Deno.readFile(`${app.dir}/${file.name}`));
    assert.ok(!text.includes(token.slice(6)), file.name);
  }
});
