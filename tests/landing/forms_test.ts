import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { createTestApp } from "../harness.ts";
import { readPng, readSvg } from "./qr.ts";

const me = operator("example.org");

Deno.test("one address has many forms, by what the visitor would rather have", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, {});
  for (
    const [accept, type] of [
      [undefined, "text/html"],
      ["*/*", "text/html"],
      ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html"],
      ["application/json", "application/json"],
      ["text/html;q=0.5, application/json", "application/json"],
      ["application/*, text/html;q=0.9", "application/json"],
      ["text/uri-list", "text/uri-list"],
      ["image/png, image/svg+xml;q=0.9", "image/png"],
      ["image/svg+xml", "image/svg+xml"],
      ["image/*", "image/svg+xml"],
      ["text/html;q=0, */*;q=0.1", "application/json"],
    ] as const
  ) {
    const response = await app.fetch(`/invite/${token}`, { headers: accept === undefined ? {} : { accept } });
    assert.equal(response.status, 200, accept);
    assert.equal(response.headers.get("content-type")?.split(";")[0], type, accept);
    assert.match(response.headers.get("vary") ?? "", /^Accept, Accept-Language/);
    assert.match(response.headers.get("link") ?? "", /^<xmpp:.*>; rel="alternate"$/);
    assert.equal(response.headers.get("cache-control"), "no-store");
    await response.body?.cancel();
  }
  for (
    const accept of ["application/pdf", "text/html;q=0", "x".repeat(100_000), "image/gif, application/xml"]
  ) {
    const response = await app.fetch(`/invite/${token}`, { headers: { accept } });
    assert.equal(response.status, 406);
    assert.equal((await response.json()).type, "urn:couplet:problem:not-acceptable");
  }
});

Deno.test("programs are told what the page says and nothing that is not everybody's", async () => {
  await using app = await createTestApp();
  await app.groups("g");
  const { invites } = app.services;
  const json = async (token: string) =>
    await (await app.fetch(`/invite/${token}`, { headers: { accept: "application/json" } })).json();
  const contact = await invites.create(me, {
    contact: "bob",
    register: true,
    note: "secret note",
    groups: ["g"],
  });
  assert.deepEqual(await json(contact.token), {
    ...{ type: "contact", jid: "bob@example.org", host: "example.org", uri: contact.uri, state: "pending" },
    landing_page: contact.landing_page,
    expires_at: new Date(contact.expires_at!).toISOString(),
    inviter: "bob@example.org",
    register: true,
  });
  const account = await json((await invites.create(me, { username: "ann" })).token);
  assert.deepEqual(Object.keys(account).toSorted(), [
    ...["expires_at", "host", "jid", "landing_page", "state", "type", "uri"],
  ]);
});

Deno.test("a list of links is lines that end as RFC 2483 has them", async () => {
  await using app = await createTestApp();
  const { token, uri, landing_page } = await app.services.invites.create(me, {});
  const response = await app.fetch(`/invite/${token}`, { headers: { accept: "text/uri-list" } });
  assert.equal(await response.text(), `${uri}\r\n${landing_page}\r\n`);
});

Deno.test("a QR code as SVG or PNG leads to the page, or is the xmpp: link, in the size that is asked for", async () => {
  await using app = await createTestApp();
  const { token, uri, landing_page } = await app.services.invites.create(me, {
    contact: "bob",
    register: true,
  });
  const get = (accept: string, query = "") => app.fetch(`/invite/${token}${query}`, { headers: { accept } });
  for (const [query, text] of [["", landing_page], ["?of=page", landing_page], ["?of=uri", uri]] as const) {
    const svg = await get("image/svg+xml", query);
    assert.match(svg.headers.get("content-security-policy") ?? "", /sandbox/);
    assert.equal(readSvg(await svg.text()), text);
    const png = await (await get("image/png", query)).bytes();
    assert.deepEqual(readPng(png), { text, size: 400 });
    assert.ok(png.length < 2_000, `${png.length} bytes`);
  }
  for (const size of [100, 300, 333, 601, 1000]) {
    assert.deepEqual(readPng(await (await get("image/png", `?size=${size}`)).bytes()), {
      text: landing_page,
      size,
    });
  }
  for (const query of ["?size=99", "?size=1001", "?size=1e9", "?size=x", "?of=token"]) {
    const response = await get("image/png", query);
    assert.equal(response.status, 422, query);
    assert.equal((await response.json()).type, "urn:couplet:problem:invalid");
  }
  assert.equal((await get("text/html", "?size=x&utm_source=mail")).status, 200);
});
