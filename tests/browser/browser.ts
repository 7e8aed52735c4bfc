/** A real browser for tests: Debian's chromium, driven by playwright-core. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { AxeResults } from "axe-core";
import { decode as decodePng } from "fast-png";
import jsqr from "jsqr";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

const program = "/usr/bin/chromium";
const outputFolder = Deno.env.get("COUPLET_TEST_OUTPUT") ?? "test-output";

export const hasBrowser = await Deno.stat(program).then(() => true, () => false);

/** How somebody looks at a page. */
export interface View {
  readonly device: "phone" | "desktop";
  /** As browsers send it in `Accept-Language`. */
  readonly language: string;
  readonly scripts: boolean;
  readonly dark: boolean;
}

const devices = {
  phone: {
    ...{ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
    userAgent:
      "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
  },
  desktop: { viewport: { width: 1280, height: 800 } },
};

export interface TestBrowser extends AsyncDisposable {
  /** A new visitor, with no cookies. */
  visitor(view?: Partial<View>): Promise<Visitor>;
}

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  /** What the browser has asked for, and what came: all but the page's own address must be nothing. */
  readonly requests: readonly string[];
  /** What the page complains about: refused by its policy, thrown, not found. */
  readonly complaints: readonly string[];
}

/** @param names other names for this machine, as `/etc/hosts` would have them */
export async function startBrowser(names: readonly string[] = []): Promise<TestBrowser> {
  const args = [
    ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update"],
    ...["--disable-background-networking", "--disable-sync"],
    `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(",")}`,
  ];
  const browser: Browser = await chromium.launch({ executablePath: program, args });
  return {
    async visitor({ device = "desktop", language = "en", scripts = true, dark = false } = {}) {
      const context: BrowserContext = await browser.newContext({
        ...devices[device],
        locale: language,
        javaScriptEnabled: scripts,
        colorScheme: dark ? "dark" : "light",
      });
      const page = await context.newPage();
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => void requests.push(request.url()));
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => void complaints.push(error.message));
      return { page, requests, complaints, [Symbol.asyncDispose]: () => context.close() };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

let axe: Promise<string> | undefined;

/** Fails with what axe-core finds against WCAG 2.2 AA and its good practice. */
export async function requireAccessible(page: Page, what: string): Promise<void> {
  axe ??= Deno.readTextFile(new URL(import.meta.resolve("axe-core/axe.min.js")));
  await page.evaluate(await axe);
  const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations, passes } = await page.evaluate<AxeResults>(
    `axe.run(${JSON.stringify({ runOnly })})`,
  );
  assert.ok(passes.length > 10, `${what}: axe looked at nothing`);
  const found = violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\n${nodes.map(({ html }) => html).join("\n")}`
  );
  assert.deepEqual(found, [], what);
}

/** Nothing is cut off or has to be scrolled sideways. */
export async function requireFits(page: Page, what: string): Promise<void> {
  const root = "document.documentElement";
  const [width, view] = await page.evaluate<number[]>(`[${root}.scrollWidth, ${root}.clientWidth]`);
  assert.ok((width ?? 0) <= (view ?? 0), `${what} is ${width} wide in ${view}`);
}

/** A picture of the whole page, kept in `test-output/` (or COUPLET_TEST_OUTPUT) to be looked at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await Deno.mkdir(outputFolder, { recursive: true });
  await page.screenshot({ path: `${outputFolder}/${name.replace(/[^\w.-]+/g, "_")}.png`, fullPage: true });
}

/** What a camera reads from this part of the page. */
export async function scanCode(part: Locator): Promise<string | undefined> {
  const picture = decodePng(new Uint8Array(Buffer.from(await part.screenshot())));
  const { width, height, channels, data } = picture;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 4; c++) rgba[i * 4 + c] = c < channels ? data[i * channels + c] ?? 0 : 255;
  }
  return jsqr.default(rgba, width, height)?.data;
}
