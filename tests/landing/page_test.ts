import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { operator } from "../../src/core/actor.ts";
import { makeToken, systemRandom, tokenKey } from "../../src/core/token.ts";
import { qrSvg } from "../../src/web/qr.ts";
import { createTestApp } from "../harness.ts";
import { readSvg } from "./qr.ts";

const me = operator("example.org");

Deno.test("a valid invite's page answers 200 with its xmpp: link, in the page and as a Link header", async () => {
  await using app = await createTestApp();
  const { token, uri } = await app.services.invites.create(me, { contact: "bob", register: true });
  for (const address of [`/invite/${token}`, `/invite/${token}/`, `/invites_page?${token}`]) {
    const response = await app.fetch(address);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("link"), `<${uri}>; rel="alternate"`);
    const page = await response.text();
    assert.ok(page.startsWith("<!DOCTYPE html><html lang="));
    assert.ok(page.includes(`href="${uri}"`));
    assert.ok(page.includes("bob@example.org would like to chat with you"));
  }
});

Deno.test("each state that an invite cannot be used in has its status, its words and what to do next", async () => {
  await using app = await createTestApp({ toml: 'pages.contact = "mailto:help@example.org"' });
  const { invites, redemption } = app.services;
  const made = async (wanted: Parameters<typeof invites.create>[1]) => await invites.create(me, wanted);
  const [account, contact, reset, expired, revoked, paused] = [
    ...[await made({}), await made({ contact: "bob", register: true }), await made({ reset: "bob" })],
    ...[await made({ ttl: 1000 }), await made({}), await made({})],
  ] as const;
  for (const [i, used] of [account, contact, reset].entries()) {
    const attempt = { host: "example.org", token: used.token, claim: `${i}` };
    const username = used === reset ? "bob" : `ann${i}`;
    await redemption.reserve({ ...attempt, username, exists: used === reset });
    await redemption.commit({ ...attempt, jid: `${username}@example.org` });
  }
  await invites.revoke(me, revoked.token);
  await app.database.write(async (db) => {
    await db.updateTable("invite").set({ paused: 1 }).where("token_key", "=", tokenKey(paused.token))
      .execute();
  });
  app.advance(1000);
  for (
    const [token, status, words, next] of [
      [account.token, 410, "has been used", "sign in with your app"],
      [contact.token, 410, "has been used", "your contact lists"],
      [reset.token, 410, "has been used", "tell the people who run example.org at once"],
      [expired.token, 410, "has expired", "for a new one"],
      [revoked.token, 410, "was withdrawn", "for a new one"],
      [paused.token, 403, "is paused", "try again then"],
      ["nosuchtoken", 404, "is not known here", "cut off on its way"],
      ["%ff%00", 404, "is not known here", "cut off"],
      ["%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404, "is not known here", "cut off"],
      ["x".repeat(5000), 404, "is not known here", "cut off"],
    ] as const
  ) {
    for (const address of [`/invite/${token}`, `/invite/${token}/monal`, `/invites_page?${token}`]) {
      const response = await app.fetch(address);
      assert.equal(response.status, status, token.slice(0, 40));
      assert.equal(response.headers.get("link"), null);
      const page = await response.text();
      assert.ok(page.includes(words), token.slice(0, 40));
      assert.ok(page.includes(next), token.slice(0, 40));
      assert.ok(page.includes('href="mailto:help@example.org"'));
      assert.ok(!page.includes("<script"));
      assert.ok(page.length < 10_000);
    }
    const json = await app.fetch(`/invite/${token}`, { headers: { accept: "application/json" } });
    assert.equal(json.status, status);
    assert.equal(json.headers.get("content-type"), "application/problem+json");
    assert.match((await json.json()).type, /^urn:couplet:problem:invite-(spent|paused|unknown)$/);
  }
  assert.equal((await app.fetch("/invites_page")).status, 404);
  assert.equal((await app.fetch("/invite/")).status, 404);
  assert.equal((await app.fetch(`http://example.net/invite/${expired.token}`)).status, 404);
});

Deno.test("looking at a page in any form, or asking for its head alone, changes nothing that is kept", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, {});
  const kept = async () => JSON.stringify(await app.database.db.selectFrom("invite").selectAll().execute());
  const before = await kept();
  for (const method of ["GET", "HEAD", "GET"]) {
    for (const path of [`/invite/${token}`, `/invites_page?${token}`, `/invite/${token}/monal`]) {
      for (const accept of ["*/*", "application/json", "text/uri-list", "image/svg+xml", "image/png"]) {
        const headers = { accept, "user-agent": "facebookexternalhit/1.1" };
        assert.equal((await app.fetch(path, { method, headers })).status, 200);
      }
    }
  }
  assert.equal(await kept(), before);
  assert.equal((await app.fetch(`/invite/${token}`, { method: "POST" })).status, 405);
});

Deno.test("a page loads nothing, is framed and indexed by nobody, and its one style and one script are named in the policy", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, {});
  const response = await app.fetch(`/invite/${token}`);
  const page = await response.text();
  const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? "";
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.ok(policy.includes(`'sha256-${hash("sha256", style, "base64")}'`));
  for (
    const [name, value] of [["referrer-policy", "no-referrer"], ["cache-control", "no-store"], [
      "x-robots-tag",
      "noindex, nofollow",
    ]] as const
  ) {
    assert.equal(response.headers.get(name), value);
  }
  const [script = "", ...more] = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = ""]) => text);
  assert.deepEqual(more, []);
  assert.ok(policy.includes(`script-src 'sha256-${hash("sha256", script, "base64")}'`));
  assert.ok(!/ style=|src=| on[a-z]+=/.test(page));
  assert.ok(new TextEncoder().encode(page).length < 30_000);
});

Deno.test("a reader finds the address in the QR code, whatever the token", () => {
  for (let i = 0; i < 100; i++) {
    const address = `https://chat.example.org/invite/${makeToken(Date.now(), systemRandom)}`;
    assert.equal(readSvg(qrSvg(address, "x")), address);
  }
});

Deno.test("a host with other letters has links and pages like any other", async () => {
  await using app = await createTestApp({ hosts: ["日本.example"], toml: 'http.listen = "0.0.0.0:80"' });
  const key = await app.key({ host: "日本.example" });
  const made = await app.fetch("http://xn--wgv71a.example/invites_api", { key });
  assert.equal(made.status, 201);
  const page = await app.fetch(made.headers.get("location") ?? "");
  assert.equal(page.status, 200);
  assert.match(page.headers.get("link") ?? "", /^<xmpp:%E6%97%A5%E6%9C%AC\.example\?register;preauth=/);
});
