import assert from "node:assert/strict";
import { Hono } from "hono";
import { operator } from "../../src/core/actor.ts";
import { tokenKey } from "../../src/core/token.ts";
import type { HttpEnv } from "../../src/http/env.ts";
import { createHttp } from "../../src/http/server.ts";
import { never } from "../../src/invites/invite.ts";
import { landingRoutes } from "../../src/landing/page_routes.tsx";
import { createSites } from "../../src/web/site.ts";
import { createTestApp } from "../harness.ts";
import { readSvg } from "./qr.ts";

const me = operator("example.org");
const iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15";

Deno.test("each kind of invite has its own words, and parts for those who have an account or an app", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  for (
    const [wanted, title, parts, absent] of [
      [
        {},
        "You are invited to example.org",
        ["an account on example.org", "/register", "I already have an account", "No app yet?"],
        ["kept for you"],
      ],
      [{ username: "ann" }, "You are invited", ["ann@example.org, which is kept for you", "/register"], []],
      [
        { contact: "bob" },
        "bob@example.org would like to chat",
        ["<code>bob@example.org</code>", "No app yet?"],
        ["/register"],
      ],
      [{ contact: "bob", register: true }, "bob@example.org would like", [
        "or create one on example.org",
        "/register",
      ], []],
      [{ reset: "bob" }, "Choose a new password for bob@example.org", ["/register"], [
        "No app yet?",
        "already have",
      ]],
    ] as const
  ) {
    const { token, uri, landing_page, expires_at } = await invites.create(me, wanted);
    const page = await (await app.fetch(`/invite/${token}`)).text();
    assert.ok(page.includes(`<h1>${title}`), title);
    assert.ok(page.includes(`href="${uri}"`), title);
    for (const part of parts) assert.ok(page.includes(part), `${title}: ${part}`);
    for (const part of absent) assert.ok(!page.includes(part), `${title}: ${part}`);
    assert.equal(readSvg(page), landing_page);
    assert.ok(page.includes('role="img" aria-label="QR code with the address of this page"'));
    assert.ok(page.includes(`<time datetime="${new Date(expires_at!).toISOString()}">`));
    assert.ok(
      page.includes(`<code id="uri">${uri}</code>`) &&
        page.includes(`<code id="link">${landing_page}</code>`),
    );
    assert.equal(page.match(/data-copy="[a-z]+" data-done="Copied" hidden/g)?.length, 2);
  }
});

Deno.test("the preview of a link says who invites and gives no secret away", async () => {
  await using app = await createTestApp({ toml: 'pages.site_name = "Chez <Nous>"' });
  const { token } = await app.services.invites.create(me, { contact: "bob", register: true });
  const page = await (await app.fetch(`/invite/${token}`)).text();
  const told = [...page.matchAll(/<meta (?:property="og:|name="desc)[^>]*>/g)].map(([tag]) => tag).join("");
  assert.ok(told.includes('og:title" content="bob@example.org would like to chat with you"'));
  assert.ok(told.includes('og:site_name" content="Chez &lt;Nous&gt;"'));
  assert.ok(told.includes("og:description") && !told.includes(token));
});

Deno.test("apps are in order of the visitor's platform, none hidden; those that take invites come first", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, {});
  const order = async (path: string, agent = "") => {
    const page = await (await app.fetch(path, { headers: { "user-agent": agent } })).text();
    return [...page.matchAll(/<h3>([^<]+)<\/h3>/g)].map(([, name]) => name);
  };
  const all = ["Android", "iPhone and iPad", "Mac", "Windows", "Linux", "In the browser"];
  assert.deepEqual(await order(`/invite/${token}`), all);
  for (
    const [agent, first] of [
      ["Mozilla/5.0 (Linux; Android 15; Pixel 8)", "Android"],
      [iPhone, "iPhone and iPad"],
      ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mac"],
      ["Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Windows"],
      ["Mozilla/5.0 (X11; Linux x86_64)", "Linux"],
      ["\u00ff(((((" + "x".repeat(10_000), "Android"],
    ] as const
  ) {
    const found = await order(`/invite/${token}`, agent);
    assert.equal(found[0], first);
    assert.deepEqual(found.toSorted(), all.toSorted());
  }
  assert.equal((await order(`/invite/${token}?platform=windows`, iPhone))[0], "Windows");
  assert.equal((await order(`/invite/${token}?platform=amiga`, iPhone))[0], "iPhone and iPad");
  const page = await (await app.fetch(`/invite/${token}`)).text();
  assert.ok(page.indexOf(">Monal") < page.indexOf(">Gajim"));
  assert.ok(!page.includes("Other devices"), "nobody knows which these are");
  const phone = await (await app.fetch(`/invite/${token}`, { headers: { "user-agent": iPhone } })).text();
  assert.ok(phone.indexOf("<h3>iPhone") < phone.indexOf("Other devices"));
  assert.ok(phone.indexOf("Other devices") < phone.indexOf("<h3>Android"));
});

Deno.test("the first button is the one that works: the app's where there is one for the device, else ours", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  const first = async (wanted: Parameters<typeof invites.create>[1], platform: string) => {
    const { token } = await invites.create(me, wanted);
    const page = await (await app.fetch(`/invite/${token}?platform=${platform}`)).text();
    assert.equal(page.match(/class="button"/g)?.length, 1, "one of them is the main one");
    return /class="button" href="([^"]*)"/.exec(page)?.[1]?.replace(token, "TOKEN");
  };
  for (const platform of ["android", "ios", "macos"]) {
    assert.equal(await first({}, platform), "xmpp:example.org?register;preauth=TOKEN");
  }
  for (const platform of ["windows", "linux", "web"]) {
    assert.equal(await first({}, platform), "/invite/TOKEN/register");
  }
  assert.match(await first({ contact: "bob", register: true }, "linux") ?? "", /^xmpp:bob@example.org/);
  assert.equal(await first({ reset: "bob" }, "android"), "/invite/TOKEN/register");
});

Deno.test("a host's own apps come first, and only those it shows and does not hide", async () => {
  await using app = await createTestApp({
    toml: `[pages]
site_apps = [{ name = "Our App <b>", takes_invites = true, download = { web = "https://app.example.org/x?a=1&b=2" } }]
site_apps_show = ["our-app-b", "Monal", "gajim"]
site_apps_hide = ["gajim"]`,
  });
  const { token } = await app.services.invites.create(me, {});
  const page = await (await app.fetch(`/invite/${token}`)).text();
  const apps = [...page.matchAll(/\/invite\/[\w-]+\/([\w-]+)"><b/g)].map(([, id]) => id);
  assert.deepEqual(apps, ["monal", "monal", "our-app-b"]);
  assert.ok(!page.includes("App <b>"));
  const own = await (await app.fetch(`/invite/${token}/our-app-b`)).text();
  assert.ok(own.includes('href="https://app.example.org/x?a=1&amp;b=2"'));
  assert.equal((await app.fetch(`/invite/${token}/gajim`)).status, 404);
});

Deno.test("an app's page says step by step what to do, by what the app and the invite can", async () => {
  await using app = await createTestApp();
  const { invites } = app.services;
  const account = await invites.create(me, {});
  const contact = await invites.create(me, { contact: "bob" });
  const page = async (path: string) => {
    const response = await app.fetch(path, { headers: { "user-agent": iPhone } });
    assert.equal(response.status, 200, path);
    return await response.text();
  };
  const monal = await page(`/invite/${account.token}/monal`);
  assert.ok(monal.includes("Install Monal.") && monal.includes("apps.apple.com/app/id317711500"));
  assert.ok(monal.indexOf("iPhone and iPad") < monal.indexOf("Mac:"));
  assert.ok(monal.includes(`<a class="button" href="${account.uri}"`));
  assert.ok(monal.includes(`/invite/${account.token}/register?c=monal`));
  const gajim = await page(`/invite/${account.token}/GAJIM?lang=en`);
  assert.ok(gajim.includes(`/invite/${account.token}/register?lang=en&amp;c=gajim`));
  assert.ok(gajim.includes("sign in with your address and password"));
  assert.ok((await page(`/invite/${contact.token}/gajim`)).includes("add bob@example.org as a contact"));
  assert.equal(await page(`/invites_page/setup/monal?${account.token}`), monal);
  for (const name of ["nosuchapp", "%3Cscript%3E", "constructor", "..%2f", "x".repeat(2000)]) {
    const response = await app.fetch(`/invite/${account.token}/${name}`);
    assert.equal(response.status, 404, name);
    const text = await response.text();
    assert.ok(text.includes(`<a class="button" href="/invite/${account.token}">Back to the invite`));
    assert.ok(!text.includes("<script"));
  }
});

Deno.test("what others have chosen is shown as text, in every page and in every language", async () => {
  const evil = `"><script>alert(1)</script>'&`;
  await using app = await createTestApp({ toml: `pages.site_name = ${JSON.stringify(evil)}` });
  const { invites } = app.services;
  for (const wanted of [{ note: evil }, { contact: `o'b&"x` }, { reset: "o'b" }, { username: "a&b<i>" }]) {
    const invite = await invites.create(me, wanted).catch(() => undefined);
    if (!invite) continue; // a name that nobody can have
    for (const path of ["", "/monal", "/gajim", "/nosuchapp"]) {
      for (const lang of ["en", "de", "fr", "es"]) {
        const text = await (await app.fetch(`/invite/${invite.token}${path}?lang=${lang}`)).text();
        assert.ok(!/<script>alert|<i>/.test(text));
        assert.ok(!text.includes(`content=""`), "an attribute ended early");
        assert.ok(text.includes("&lt;script&gt;alert(1)"), "the site's name is there");
        assert.ok(!text.includes("\u{E000}"), "a hole is left");
      }
    }
  }
});

Deno.test("an invite without an end, or for many, says nothing of an end or of once", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, { max_uses: 5 });
  const once = await app.services.invites.create(me, {});
  await app.database.write(async (db) => {
    await db.updateTable("invite").set({ expires_at: never }).where("token_key", "=", tokenKey(token))
      .execute();
  });
  const page = async (token: string) => await (await app.fetch(`/invite/${token}`)).text();
  const endless = await page(token);
  assert.ok(!endless.includes("<time") && !endless.includes("Valid until") && !endless.includes("used once"));
  assert.ok((await page(once.token)).includes("It can be used once."));
  const json = await app.fetch(`/invite/${token}`, { headers: { accept: "application/json" } });
  assert.equal((await json.json()).expires_at, null);
});

Deno.test("a page that was kept does not outlive its invite, and shows what has changed", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(me, {});
  for (let i = 0; i < 4; i++) assert.equal((await app.fetch(`/invite/${token}`)).status, 200);
  await app.database.write(async (db) => {
    const expires_at = app.now() + 60_000;
    await db.updateTable("invite").set({ expires_at }).where("token_key", "=", tokenKey(token)).execute();
  });
  const page = await (await app.fetch(`/invite/${token}`)).text();
  assert.ok(page.includes(`<time datetime="${new Date(app.now() + 60_000).toISOString()}"`));
  app.advance(60_000);
  assert.equal((await app.fetch(`/invite/${token}`)).status, 410);
});

Deno.test("where there is no registration on the web, pages lead to apps alone", async () => {
  await using app = await createTestApp();
  const { invites, landing, hosts } = app.services;
  const http = createHttp({
    ...{ hostOf: () => "example.org", bodies: [["/", 1000]], proxies: [], system: new Hono<HttpEnv>() },
  }).route(
    "/",
    landingRoutes({
      landing,
      siteOf: createSites(hosts.all, String),
      webRegistration: () => false,
    }),
  );
  for (const wanted of [{}, { reset: "bob" }, { contact: "bob", register: true }]) {
    const { token } = await invites.create(me, wanted);
    for (const path of [`/invite/${token}`, `/invite/${token}/monal`, `/invite/${token}/gajim`]) {
      const page = await (await http.request(`http://example.org${path}`)).text();
      assert.ok(!page.includes("/register") && !page.includes("Create the account here"), path);
    }
  }
  const { token } = await invites.create(me, {});
  assert.ok(!(await (await http.request(`http://example.org/invite/${token}`)).text()).includes("Gajim"));
  const gajim = await (await http.request(`http://example.org/invite/${token}/gajim`)).text();
  assert.ok(gajim.includes("cannot take this invite by itself"));
});

Deno.test("a page leads to where its invite does, whatever the kind", async () => {
  await using app = await createTestApp();
  for (
    const wanted of [
      ...[{}, { username: "ann" }, { contact: "bob" }, { contact: "bob", register: true }, { reset: "bob" }],
      { contact: "bob", register: true, for: "carol@example.org" },
      { contact: "bob", for: "ann@example.org" },
      { contact: "bob", for: "ann@example.com" },
    ]
  ) {
    const { uri, landing_page, token } = await app.services.invites.create(me, wanted);
    const accept = "application/json";
    const said = await (await app.fetch(`/invite/${token}`, { headers: { accept } })).json();
    assert.deepEqual([said.uri, said.landing_page], [uri, landing_page], JSON.stringify(wanted));
  }
});
