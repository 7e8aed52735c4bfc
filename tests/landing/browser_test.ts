import axe from "axe-core";
import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium } from "playwright-core";
import { operator } from "../../src/core/actor.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const me = operator("example.org");
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => exists(path));
const phone = { viewport: { width: 320, height: 640 } };
const desktop = { viewport: { width: 1280, height: 900 } };

Deno.test({
  name:
    "pages have no fault that axe finds, in both schemes, on phone and desktop, and none is wider than the screen",
  ignore: executablePath === undefined,
  async fn() {
    await using app = await createTestApp({ toml: `pages.contact = "mailto:help@example.org"` });
    await using site = serve(app);
    const paths = await pagesOf(app);
    await using web = await browse();
    for (const [i, shape] of [phone, desktop].entries()) {
      for (const colorScheme of ["light", "dark"] as const) {
        const context = await web.browser.newContext({ ...shape, colorScheme });
        const page = await context.newPage();
        for (const path of paths) {
          await page.goto(
            `${site.url}${path}?lang=${["en", "de", "fr", "es"][i + (colorScheme === "dark" ? 2 : 0)]}`,
          );
          await page.evaluate(axe.source);
          const { violations } = await page.evaluate(async () =>
            await (globalThis as unknown as { axe: typeof axe }).axe.run({
              runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            })
          );
          const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
          assert.deepEqual(found, [], `${path} ${colorScheme} ${shape.viewport.width}`);
          const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          assert.ok(Number(wide) <= 0, `${path} is ${wide} px too wide`);
        }
        await context.close();
      }
    }
  },
});

Deno.test({
  name:
    "one request paints a page; buttons that copy are there where the browser can, and nothing is lost without",
  ignore: executablePath === undefined,
  async fn() {
    await using app = await createTestApp();
    await using site = serve(app);
    const { token, uri } = await app.services.invites.create(me, {});
    await using web = await browse();
    const visit = async (options: BrowserContextOptions) => {
      const context = await web.browser.newContext(options);
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const page = await context.newPage();
      const asked: string[] = [];
      const said: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      page.on("console", (message) => said.push(message.text()));
      await page.goto(`${site.url}/invite/${token}`);
      return { context, page, asked, said };
    };
    const { context, page, asked, said } = await visit(phone);
    assert.deepEqual(asked, [`/invite/${token}`]);
    assert.deepEqual(said, []);
    await page.getByRole("heading", { name: "If the button does nothing" }).click();
    assert.equal(await page.locator("[data-copy]:visible").count(), 2);
    await page.locator('[data-copy="uri"]').click();
    await page.locator("#said", { hasText: "Copied" }).waitFor();
    assert.equal(await page.evaluate("navigator.clipboard.readText()"), uri);
    await context.close();

    const plain = await visit({ ...phone, javaScriptEnabled: false });
    await plain.page.getByRole("heading", { name: "If the button does nothing" }).click();
    assert.equal(await plain.page.locator("[data-copy]:visible").count(), 0);
    assert.ok(await plain.page.getByText(uri, { exact: true }).isVisible());
    await plain.page.getByText("Other devices").click();
    await plain.page.getByRole("link", { name: "Monal", exact: true }).first().click();
    await plain.page.getByRole("heading", { name: "Set up Monal" }).waitFor();
    await plain.page.getByRole("link", { name: "Deutsch" }).click();
    await plain.page.getByRole("heading", { name: "Monal einrichten" }).waitFor();
    await plain.page.getByRole("link", { name: "Zurück zur Einladung" }).click();
    await plain.page.getByRole("heading", { name: "Du bist zu example.org eingeladen" }).waitFor();
    await plain.context.close();
  },
});

/** A page of each kind and state. */
async function pagesOf(app: TestApp): Promise<string[]> {
  const { invites } = app.services;
  const expired = await invites.create(me, { ttl: 1000 });
  app.advance(1000);
  const made = [];
  for (
    const wanted of [{}, { username: "ann" }, { contact: "bob", register: true }, { contact: "bob" }, {
      reset: "bob",
    }]
  ) {
    made.push(await invites.create(me, wanted));
  }
  const [first] = made;
  const tokens = [...made, expired].map(({ token }) => `/invite/${token}`);
  return [
    ...tokens,
    "/invite/unknown",
    ...["monal", "gajim", "none"].map((app) => `/invite/${first?.token}/${app}`),
  ];
}

/** The app on a port of its own, asked as the host that it serves. */
function serve(app: TestApp): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url, method, headers }) => {
    const { pathname, search } = new URL(url);
    return app.fetch(pathname + search, { method, headers });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function browse(): Promise<AsyncDisposable & { readonly browser: Browser }> {
  const browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] });
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
