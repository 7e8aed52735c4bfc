import assert from "node:assert/strict";
import { hasBrowser, keepPicture, requireAccessible, scanCode, startBrowser } from "../browser/browser.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const scopes = ["invites:create", "invites:read", "invites:revoke"];

async function makeCampaign(app: TestApp, key: string, json: Record<string, unknown>) {
  const response = await app.fetch("/v1/invites/bulk", { method: "POST", key, json });
  const invites = (await response.text()).trimEnd().split("\n").map((line) => JSON.parse(line)) as {
    id: string;
    landing_page: string;
  }[];
  return { path: response.headers.get("location")!, invites };
}

const linksIn = (html: string) => [...html.matchAll(/<p class="link">([^<]+)</g)].map(([, link]) => link);

Deno.test("a sheet has a card of each pending invite, in the language that is asked for, and loads nothing", async () => {
  await using app = await createTestApp({ toml: 'pages.site_name = "The <Choir>"' });
  const key = await app.key({ scopes });
  const { path, invites } = await makeCampaign(app, key, { count: 3, label: "Open & day", ttl: "2d" });
  await app.fetch(`/v1/invites/${invites[1]!.id}`, { method: "DELETE", key });
  const response = await app.fetch(`${path}/sheet?lang=de`, { key });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-security-policy")!, /^default-src 'none'; style-src 'sha256-/);
  assert.equal(response.headers.get("link"), null);
  const html = await response.text();
  assert.match(html, /<html lang="de">/);
  assert.match(html, /<title>The &lt;Choir&gt; · Open &amp; day<\/title>/);
  assert.match(html, /Du bist zu The &lt;Choir&gt; eingeladen/);
  assert.match(html, /Gültig bis 3. Januar 2026 um 00:00 UTC/);
  assert.deepEqual(linksIn(html), [invites[0]!.landing_page, invites[2]!.landing_page]);
  assert.doesNotMatch(html, /<(script|img|link)/);
});

Deno.test("a sheet has five hundred cards at most, and says where the next begins", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes });
  const { path, invites } = await makeCampaign(app, key, { count: 720, max_uses: 5 });
  const first = await app.fetch(`${path}/sheet`, { key });
  const next = /^<([^>]+)>; rel="next"$/.exec(first.headers.get("link") ?? "")?.[1];
  assert.ok(next);
  const second = await app.fetch(next, { key });
  assert.equal(second.headers.get("link"), null);
  const pages = [linksIn(await first.text()), linksIn(await second.text())];
  assert.deepEqual(pages.map(({ length }) => length), [500, 220]);
  assert.deepEqual(pages.flat(), invites.map(({ landing_page }) => landing_page));
  assert.equal((await app.fetch(`${path}/sheet?lang=xx`, { key })).status, 422);
});

Deno.test("a sheet without a key 401, without the scope 403, of another host 404", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes });
  const { path } = await makeCampaign(app, key, { count: 1 });
  const stranger = await app.key({ scopes, host: "example.net" });
  assert.equal((await app.fetch(`${path}/sheet`)).status, 401);
  assert.equal((await app.fetch(`${path}/sheet`, { key: await app.key() })).status, 403);
  assert.equal((await app.fetch(`http://example.net${path}/sheet`, { key: stranger })).status, 404);
  assert.equal((await app.fetch(`${path}/sheet`, { key, method: "POST" })).status, 405);
});

Deno.test({
  name: "a camera reads every card of a printed sheet, eight of which fit on A4 and on Letter",
  ignore: !hasBrowser,
  fn: async () => {
    await using app = await createTestApp({ toml: 'http.public_url = "https://chat.example.org"' });
    const key = await app.key({ scopes });
    const { path, invites } = await makeCampaign(app, key, { count: 17, ttl: "30d" });
    await using browser = await startBrowser();
    for (const lang of ["en", "de", "fr", "es"]) {
      const html = await (await app.fetch(`${path}/sheet?lang=${lang}`, { key })).text();
      await using visitor = await browser.visitor();
      const { page, requests } = visitor;
      await page.setContent(html);
      await requireAccessible(page, `sheet ${lang}`);
      await page.emulateMedia({ media: "print" });
      await keepPicture(page, `sheet ${lang}`);
      const codes = page.locator("li svg");
      const read = [];
      for (let i = 0; i < await codes.count(); i++) read.push(await scanCode(codes.nth(i)));
      assert.deepEqual(read, invites.map(({ landing_page }) => landing_page));
      const cut =
        "[...document.querySelectorAll('li')].filter((li) => li.scrollHeight > li.clientHeight).length";
      assert.equal(await page.evaluate(cut), 0, `${lang}: no card is cut off`);
      for (const format of ["A4", "Letter"]) {
        const pdf = new TextDecoder("latin1").decode(await page.pdf({ format, preferCSSPageSize: false }));
        assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, 3, `${format}: 17 cards are three pages`);
      }
      assert.deepEqual(requests, []);
    }
  },
});
