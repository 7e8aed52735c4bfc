import assert from "node:assert/strict";
import { startCouplet } from "../e2e/daemon.ts";
import {
  hasBrowser,
  keepPicture,
  requireAccessible,
  requireFits,
  scanCode,
  startBrowser,
} from "./browser.ts";

const views = (["phone", "desktop"] as const).flatMap((device) =>
  [false, true].map((dark) => ({ device, dark }))
);

Deno.test({
  name:
    "the page of every kind of invite, and of every dead one, is whole on phone and desktop, light and dark",
  ignore: !hasBrowser,
  fn: async () => {
    await using couplet = await startCouplet({ hosts: ["localhost"] });
    await using browser = await startBrowser();
    const make = async (...args: string[]) => {
      const { code, stdout, stderr } = await couplet.cli("invites", "create", "localhost", ...args);
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    const revoked = await make();
    await couplet.cli("invites", "revoke", "localhost", revoked.split("/").at(-1) ?? "");
    const pages: Record<string, string> = {
      account: await make(),
      "account of one name": await make("--username", "john"),
      contact: await make("--contact", "marie"),
      "contact and account": await make("--contact", "marie", "--register"),
      reset: await make("--reset", "marie"),
      revoked,
      unknown: `${couplet.url}/invite/nosuch`,
    };
    for (const { device, dark } of views) {
      await using visitor = await browser.visitor({ device, dark });
      const { page, requests, complaints } = visitor;
      for (const [kind, address] of Object.entries(pages)) {
        const what = `${kind}, ${device}${dark ? ", dark" : ""}`;
        const [asked, complained] = [requests.length, complaints.length];
        const response = await page.goto(address);
        await keepPicture(page, `landing ${what}`);
        await requireFits(page, what);
        if (dark === (device === "phone")) await requireAccessible(page, what); // the rest: tests/landing
        assert.deepEqual(requests.slice(asked), [address], what);
        const isDead = response?.status() !== 200;
        assert.equal(isDead, kind === "revoked" || kind === "unknown", what);
        if (!isDead) {
          if (device === "phone") await page.getByRole("heading", { name: "On another device" }).click();
          assert.equal(await scanCode(page.locator("figure svg").first()), address, what);
        }
        const serious = complaints.slice(complained).filter((text) =>
          !isDead || !/status of 4\d\d/.test(text)
        );
        assert.deepEqual(serious, [], what);
      }
    }
  },
});
