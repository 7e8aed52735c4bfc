import assert from "node:assert/strict";
import type { Locator, Page, Request } from "playwright-core";
import { allLanguages, type Words } from "../../src/web/language.ts";
import { keepPicture, requireAccessible, requireFits, type TestBrowser, type View } from "./browser.ts";

/** Somebody who goes from page to page by what is on them, every one of which is looked at. */
export interface Walk extends AsyncDisposable {
  readonly page: Page;
  /** What pages say in the language that is spoken. */
  readonly words: Words;
  /** The one address that is typed. */
  open(address: string): Promise<void>;
  /** Goes where the first link of this name leads. */
  follow(name: string | RegExp): Promise<void>;
  /** Sends a form. */
  press(name: string): Promise<void>;
  /** Presses the button, which leads nowhere because the browser finds something missing. */
  pressInVain(name: string): Promise<void>;
  fill(label: string, text: string): Promise<void>;
  /** Asks for this page in another language. */
  speak(language: string): Promise<void>;
  /** What the page is called. */
  heading(): Promise<string>;
}

export interface WalkOptions {
  readonly browser: TestBrowser;
  readonly view: View;
  /** No mouse, no finger. */
  readonly keyboard?: boolean;
  /** What pictures are called; without it there are none, and axe does not look. */
  readonly pictures?: string | undefined;
}

const wordsOf = (language: string): Words =>
  allLanguages.find(({ tag }) => tag === language)?.words ?? assert.fail(`Nobody speaks ${language}.`);

/** Sets out with nothing. */
export async function startWalk({ browser, view, keyboard = false, pictures }: WalkOptions): Promise<Walk> {
  const visitor = await browser.visitor(view);
  const { page, complaints } = visitor;
  let requests: Request[] = [];
  page.on("request", (request) => void requests.push(request));
  let words = wordsOf(view.language);
  let spoken = view.language;
  let seen = 0;
  let heard = 0;
  let origin = "";

  /** What every page keeps to, whatever it is. */
  async function look(): Promise<void> {
    const what = `${pictures ?? "walk"} ${++seen} ${await page.title()}`;
    const [last, ...others] = requests.filter((one) => one.redirectedTo() === null);
    assert.deepEqual(others.map((one) => one.url()), [], `${what}: one request paints a page`);
    if (!last?.isNavigationRequest()) assert.fail(what);
    for (const one of requests) assert.equal(new URL(one.url()).origin, origin, what);
    const { responseBodySize, responseHeadersSize } = await last.sizes();
    assert.ok(responseBodySize > 1_000, what);
    assert.ok(responseBodySize < 12_288 && responseHeadersSize < 1_500, `${what}: ${responseBodySize} bytes`);
    const status = (await last.response())?.status() ?? 0;
    const now = complaints.slice(heard);
    heard = complaints.length;
    assert.deepEqual(now.filter((text) => !text.includes(`status of ${status}`)), [], what);
    assert.equal(await page.getAttribute("html", "lang"), spoken, what);
    assert.ok(await page.locator(".button:not(.second)").count() <= 1, `${what}: one thing comes first`);
    requests = [];
    if (pictures !== undefined) await keepPicture(page, what);
    const size = page.viewportSize();
    await page.setViewportSize({ width: 320, height: 640 });
    await requireFits(page, what);
    if (size) await page.setViewportSize(size);
    if (pictures !== undefined) await audit(await page.content(), what);
  }

  let auditor: Awaited<ReturnType<TestBrowser["visitor"]>> | undefined;
  /** Axe needs scripts to run: it looks at what a visitor without them has before them in a browser that runs them. */
  async function audit(html: string, what: string): Promise<void> {
    auditor ??= await browser.visitor({ ...view, scripts: true });
    const bare = html.replaceAll(/<script>.*?<\/script>/gs, "").replaceAll("<details", "<details open");
    await auditor.page.setContent(view.scripts ? bare : bare.replaceAll(/<\/?noscript>/g, ""));
    await requireAccessible(auditor.page, what);
  }

  /** By Tab alone, as far as it takes. */
  async function reach(target: Locator): Promise<void> {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      if (await target.and(page.locator(":focus")).count() === 1) return;
    }
    assert.fail(`Tab does not lead to ${target}`);
  }
  async function use(target: Locator): Promise<void> {
    if (keyboard) {
      await reach(target);
      await page.keyboard.press("Enter");
    } else await target.click();
  }
  async function go(target: Locator): Promise<void> {
    await Promise.all([page.waitForEvent("load"), use(target)]);
    await look();
  }
  const link = (name: string | RegExp) => page.getByRole("link", { name, exact: true }).first();
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  return {
    page,
    get words() {
      return words;
    },
    async open(address) {
      origin = new URL(address).origin;
      words = wordsOf(spoken = view.language);
      await page.goto(address);
      await look();
    },
    follow: (name) => go(link(name)),
    press: (name) => go(button(name)),
    async pressInVain(name) {
      await use(button(name));
      assert.equal(await page.locator(":invalid:focus").count(), 1, "the browser shows what is missing");
      assert.deepEqual(requests, []);
    },
    async fill(label, text) {
      const field = page.getByLabel(label, { exact: true });
      if (!keyboard) return await field.fill(text);
      await reach(field);
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.type(text);
    },
    async speak(language) {
      spoken = language;
      const { name } = words = wordsOf(language);
      await go(link(name));
    },
    heading: () => page.getByRole("heading", { level: 1 }).innerText(),
    async [Symbol.asyncDispose]() {
      await auditor?.[Symbol.asyncDispose]();
      await visitor[Symbol.asyncDispose]();
    },
  };
}
