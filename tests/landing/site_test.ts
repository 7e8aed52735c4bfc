import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { readConfig } from "../../src/config.ts";
import { createTestApp } from "../harness.ts";

const me = operator("example.org");
const svg = `<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;

Deno.test("a host's pages have its name, logo and colours, and the logo never changes under its address", async () => {
  const logo = await Deno.makeTempFile({ suffix: ".svg" });
  await Deno.writeTextFile(logo, svg);
  await using app = await createTestApp({
    toml: `pages.site_name = "Our Place"
pages.logo = ${JSON.stringify(logo)}
pages.accent = "#FF0000"
pages.theme = { ground = "#abcdef" }`,
  });
  await Deno.remove(logo);
  const { token } = await app.services.invites.create(me, {});
  for (
    const path of [`/invite/${token}`, "/invite/unknown", `/invite/${token}/monal`, `/invite/${token}/none`]
  ) {
    const response = await app.fetch(path);
    const page = await response.text();
    assert.ok(page.includes("<span>Our Place</span>"), path);
    assert.ok(page.includes("--ground:#abcdef") && !page.includes("--accent:#0b5f62"), path);
    assert.match(response.headers.get("content-security-policy") ?? "", /img-src data: 'self';/);
    const [, address = ""] = /<img src="([^"]+)"/.exec(page) ?? [];
    assert.match(address, /^\/assets\/[\w-]{16}\.svg$/);
    const asset = await app.fetch(address);
    assert.equal(await asset.text(), svg);
    assert.equal(asset.headers.get("content-type"), "image/svg+xml");
    assert.match(asset.headers.get("cache-control") ?? "", /immutable/);
    assert.match(asset.headers.get("content-security-policy") ?? "", /^default-src 'none'.*; sandbox$/);
  }
  assert.ok((await (await app.fetch(`/invite/${token}`)).text()).includes("You are invited to Our Place"));
  for (const name of ["none.svg", "..%2f..%2fetc%2fpasswd", "%00"]) {
    assert.equal((await app.fetch(`/assets/${name}`)).status, 404);
  }
});

Deno.test("a logo that is missing, too large or no picture is refused by name before anything is served", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/page.svg`, "<html><svg></svg></html>");
  await Deno.writeFile(`${dir}/large.png`, new Uint8Array(300_000));
  for (
    const [name, why] of [["none.png", /cannot be read/], ["page.svg", /neither/], [
      "large.png",
      /262144/,
    ]] as const
  ) {
    const toml = `pages.logo = ${JSON.stringify(`${dir}/${name}`)}`;
    await assert.rejects(createTestApp({ toml }), (error: Error) => {
      return error.message.includes(`pages.logo: ${dir}/${name}`) && why.test(error.message);
    });
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("what could carry more than a colour, an address or a name is refused where the settings are read", () => {
  for (
    const toml of [
      `pages.accent = "red;}body{display:none"`,
      `pages.accent = "#fff"`,
      `pages.theme = { accent = "url(https://example.org)" }`,
      `pages.theme = { "}</style>" = "#ffffff" }`,
      `pages.contact = "javascript:alert(1)"`,
      `pages.contact = "mailto:a b"`,
      `pages.language = "xx"`,
      `pages.site_name = ""`,
      `pages.site_apps = [{ name = "X", download = { web = "javascript:alert(1)" } }]`,
      `pages.site_apps = [{ name = "X", download = { amiga = "https://example.org" } }]`,
      `pages.site_apps = [{ name = "X", download = {} }]`,
    ]
  ) {
    assert.throws(
      () => readConfig({ env: {}, file: { name: "t.toml", text: toml } }),
      { name: "ConfigError", message: /^pages\.|^Unknown setting pages\./ },
      toml,
    );
  }
});

Deno.test("each host has its own pages, in its own language for those who ask for none of ours", async () => {
  await using app = await createTestApp({
    toml: `pages.language = "de"`,
  });
  const { token } = await app.services.invites.create(me, {});
  for (
    const [path, header, tag, words] of [
      [`/invite/${token}`, undefined, "de", "Du bist zu example.org eingeladen"],
      [`/invite/${token}`, "pt", "de", "Du bist"],
      [`/invite/${token}`, "fr-CA, en;q=0.5", "fr", "Vous êtes invité·e sur example.org"],
      [`/invite/${token}?lang=es`, "fr", "es", "Tienes una invitación a example.org"],
      [`/invite/${token}?lang=xx`, "en", "en", "You are invited"],
      ["/invite/unknown?lang=fr", undefined, "fr", "pas connue ici"],
    ] as const
  ) {
    const response = await app.fetch(path, {
      headers: header === undefined ? {} : { "accept-language": header },
    });
    assert.equal(response.headers.get("content-language"), tag);
    const page = await response.text();
    assert.ok(page.includes(`<html lang="${tag}">`) && page.includes(words), `${path} ${header}`);
    assert.ok(page.includes(`?lang=es" hreflang="es" lang="es"`));
    assert.equal(page.match(/aria-current="true"/g)?.length, 1);
    const kept = page.includes(`/monal?lang=`);
    assert.equal(kept, path.includes("?lang=es"), "a language that was chosen stays");
  }
});

Deno.test("a public address with a path is before every link of a page", async () => {
  await using app = await createTestApp({ toml: `http.public_url = "https://example.org/chat/"` });
  const { token } = await app.services.invites.create(me, {});
  const page = await (await app.fetch(`/invite/${token}`)).text();
  const links = [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, link = ""]) => link);
  assert.ok(links.length > 10);
  for (const link of links) assert.ok(link.startsWith(`/chat/invite/${token}`), link);
});
