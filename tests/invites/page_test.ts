import assert from "node:assert/strict";
import { hash } from "node:crypto";
import jsqr from "jsqr";
import { encode } from "uqr";
import { operator } from "../../src/core/actor.ts";
import { makeToken, systemRandom } from "../../src/core/token.ts";
import { qrSvg } from "../../src/web/qr.ts";
import { createTestApp } from "../harness.ts";

// Its types say that the module is the function; under Deno that is its default.
const readQr = jsqr as unknown as typeof jsqr.default;
const me = operator("example.org");

Deno.test("a valid invite's page answers 200 with its xmpp: link, in the page and as a Link header", async () => {
  await using app = await createTestApp();
  const { token, uri } = await app.services.invites.create(me, { contact: "bob", register: true });
  for (const address of [`/invite/${token}`, `/invites_page?${token}`]) {
    const response = await app.fetch(address);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("link"), `<${uri}>; rel="alternate"`);
    const page = await response.text();
    assert.ok(page.startsWith("<!DOCTYPE html><html lang="));
    assert.ok(page.includes(`href="${uri}"`));
    assert.ok(page.includes("bob@example.org would like to chat with you"));
  }
});

Deno.test("used, expired and revoked invites answer 410 and unknown ones 404, each with its own words", async () => {
  await using app = await createTestApp();
  const { invites, redemption } = app.services;
  const [used, expired, revoked] = [
    await invites.create(me, {}),
    await invites.create(me, { ttl: 1000 }),
    await invites.create(me, {}),
  ];
  const attempt = { host: "example.org", token: used.token, claim: "1" };
  await redemption.reserve({ ...attempt, username: "ann", exists: false });
  await redemption.commit({ ...attempt, jid: "ann@example.org" });
  await invites.revoke(me, revoked.token);
  app.advance(1000);
  for (
    const [token, status, words] of [
      [used.token, 410, "has been used"],
      [expired.token, 410, "has expired"],
      [revoked.token, 410, "was withdrawn"],
      ["nosuchtoken", 404, "is not known here"],
      ["%ff%00", 404, "is not known here"],
      ["%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404, "is not known here"],
      ["x".repeat(5000), 404, "is not known here"],
    ] as const
  ) {
    const response = await app.fetch(`/invite/${token}`);
    assert.equal(response.status, status, token.slice(0, 40));
    assert.equal(response.headers.get("link"), null);
    const page = await response.text();
    assert.ok(page.includes(words), token.slice(0, 40));
    assert.ok(!page.includes("<script"));
  }
  assert.equal((await app.fetch("/invites_page")).status, 404);
  assert.equal((await app.fetch(`http://example.net/invite/${expired.token}`)).status, 404);
});

Deno.test("looking at a page, or asking for its head alone, uses nothing up", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, {});
  for (const method of ["GET", "HEAD", "GET"]) {
    assert.equal((await app.fetch(`/invite/${token}`, { method })).status, 200);
  }
});

Deno.test("a page loads nothing, is framed and indexed by nobody, and its one style is named in the policy", async () => {
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
  assert.ok(!/ style=|<script|src=/.test(page));
  assert.ok(new TextEncoder().encode(page).length < 30_000);
});

Deno.test("a reader finds the address in the QR code, whatever the token", () => {
  for (let i = 0; i < 100; i++) {
    const address = `https://chat.example.org/invite/${makeToken(Date.now(), systemRandom)}`;
    const path = qrSvg(address, "x");
    const size = Number(/viewBox="0 0 (\d+)/.exec(path)?.[1]);
    const scale = 4;
    const pixels = new Uint8ClampedArray((size * scale) ** 2 * 4).fill(255);
    for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      for (let py = Number(y) * scale; py < (Number(y) + 1) * scale; py++) {
        for (let px = Number(x) * scale; px < (Number(x) + Number(width)) * scale; px++) {
          pixels.fill(0, (py * size * scale + px) * 4, (py * size * scale + px) * 4 + 3);
        }
      }
    }
    assert.equal(readQr(pixels, size * scale, size * scale)?.data, address);
    assert.equal(encode(address, { ecc: "M", border: 4 }).size, size);
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
