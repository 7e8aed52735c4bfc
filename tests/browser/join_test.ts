import assert from "node:assert/strict";
import { startCouplet } from "../e2e/daemon.ts";
import { hasBrowser, keepPicture, requireAccessible, requireFits, startBrowser } from "./browser.ts";

Deno.test({
  name: "somebody asks to join in a browser without scripts, corrects a mistake, and finds the answer",
  ignore: !hasBrowser,
  fn: async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "couplet-join-" });
    const config = `${dataDir}/couplet.toml`;
    await Deno.writeTextFile(config, "[campaigns]\njoin_requests = true\n");
    try {
      await using couplet = await startCouplet({
        ...{ hosts: ["localhost"], dataDir, env: { COUPLET_CONFIG: config } },
      });
      await using browser = await startBrowser();
      const looks = [
        { language: "en", device: "desktop", dark: false, waiting: /waiting/ },
        { language: "de", device: "phone", dark: true, waiting: /wartet/ },
        { language: "fr", device: "phone", dark: false, waiting: /en attente/ },
        { language: "es", device: "desktop", dark: true, waiting: /en espera/ },
      ] as const;
      for (const { waiting, ...view } of looks) {
        const look = async (what: string) => {
          await keepPicture(page, `join ${what} ${view.language} ${view.device}`);
          await requireFits(page, what);
        };
        await using visitor = await browser.visitor({ ...view, scripts: false });
        const { page, complaints } = visitor;
        await page.goto(`${couplet.url}/join`);
        await look("form");
        await page.locator("#name").fill("Ann");
        await page.locator("#username").fill("not a name");
        await page.locator("#message").fill("I sing.");
        await page.locator("button[type=submit]").click();
        assert.equal(await page.locator("#username-error").count(), 1);
        assert.equal(await page.locator("#message").inputValue(), "I sing.");
        await look("mistake");
        await page.locator("#username").fill(`ann-${view.language}`);
        await page.locator("button[type=submit]").click();
        assert.match(page.url(), /\/join\/[\w-]{24}$/);
        assert.match(await page.locator("h1").innerText(), waiting);
        assert.equal(await page.locator("code").innerText(), page.url());
        await look("waiting");
        const { stdout } = await couplet.cli("requests", "list", "localhost", "--state", "waiting");
        const { code, stderr } = await couplet.cli(
          "requests",
          "approve",
          "localhost",
          stdout.split("\t")[0] ?? "",
        );
        assert.equal(code, 0, stderr);
        await page.reload();
        assert.match(page.url(), /\/invite\/[\w-]{24}$/);
        assert.deepEqual(complaints.filter((text) => !/status of 4\d\d/.test(text)), []);
      }
      for (const language of ["en", "de"]) {
        await using visitor = await browser.visitor({ language });
        const { page } = visitor;
        await page.goto(`${couplet.url}/join`);
        await requireAccessible(page, `form ${language}`);
        await page.locator("#name").fill(" ");
        await page.locator("button[type=submit]").click();
        assert.equal(await page.locator("#name-error").count(), 1);
        await requireAccessible(page, `mistake ${language}`);
        await page.locator("#name").fill("Ann");
        await page.locator("button[type=submit]").click();
        await requireAccessible(page, `waiting ${language}`);
        const address = page.url();
        await page.locator("button[type=submit]").click();
        await requireAccessible(page, `withdrawn ${language}`);
        await page.goto(address);
        await requireAccessible(page, `unknown ${language}`);
      }
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});
