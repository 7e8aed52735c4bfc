import assert from "node:assert/strict";
import { startPair } from "../e2e/pair.ts";
import { findProsodies } from "../setup/prosody.ts";
import {
  hasBrowser,
  keepPicture,
  requireAccessible,
  requireFits,
  startBrowser,
  type View,
} from "./browser.ts";

const [install] = await findProsodies();
const views: View[] = [
  { device: "phone", language: "de", scripts: true, dark: true },
  { device: "phone", language: "en", scripts: false, dark: false },
  { device: "desktop", language: "en", scripts: true, dark: false },
  { device: "desktop", language: "fr", scripts: false, dark: true },
];
const password = "correct horse battery";

/** The server's own language does not matter here: a button is found by what it does. */
const send = "form button[type=submit]";

Deno.test({
  name: "people come from a link to an account and sign in, on phone and desktop, with and without scripts",
  ignore: !hasBrowser || !install,
  fn: async () => {
    await using pair = await startPair(install!);
    await pair.account("marie");
    await using browser = await startBrowser();
    for (const [i, view] of views.entries()) {
      const what = `${view.device}, ${view.language}, ${view.scripts ? "" : "no "}scripts`;
      const { token } = await pair.invite(i % 2 ? { contact: "marie", register: true } : {});
      await using visitor = await browser.visitor(view);
      const { page, complaints } = visitor;
      await page.goto(`${pair.couplet.url}/invite/${token}`);
      await page.click('a[href*="/register"]');
      assert.equal(await page.getAttribute("html", "lang"), view.language, what);

      const check = async (name: string) => {
        await keepPicture(page, `registration ${name} ${what}`);
        await requireFits(page, `${name} ${what}`);
        if (view.scripts) await requireAccessible(page, `${name} ${what}`);
      };
      await check("form");
      if (view.scripts) {
        assert.equal(await page.locator("#repeat").count(), 0);
        await page.fill("#password", "shown");
        await page.check("#show");
        assert.equal(await page.getAttribute("#password", "type"), "text");
      } else {
        assert.equal(await page.isVisible("#show"), false);
        await page.fill("#repeat", "short");
      }
      await page.fill("#username", "marie");
      await page.fill("#password", "short");
      await page.click(send);
      await check("mistakes");
      assert.equal(await page.inputValue("#username"), "marie");
      assert.equal(await page.inputValue("#password"), "");
      assert.match(await page.textContent(".errors") ?? "", /10/);

      await page.fill("#password", password);
      if (!view.scripts) await page.fill("#repeat", password);
      await page.click(send);
      assert.equal(await page.locator("[aria-invalid=true]").getAttribute("id"), "username", what);
      await page.fill("#username", `User${i}@example.org`);
      await page.fill("#password", password);
      if (!view.scripts) await page.fill("#repeat", password);
      await page.click(send);
      await check("done");
      assert.equal(await page.textContent("main code"), `user${i}@example.org`, what);
      assert.equal(await pair.canLogIn(`user${i}`, password), true, what);
      assert.deepEqual(complaints.filter((text) => !/status of 4\d\d/.test(text)), [], what);
    }
  },
});

Deno.test({
  name: "a password is set anew in the browser, and the form of another site sets none",
  ignore: !hasBrowser || !install,
  fn: async () => {
    await using pair = await startPair(install!);
    await pair.account("alice");
    const { token } = await pair.invite({ reset: "alice" });
    await using browser = await startBrowser(["evil.example"]);
    await using visitor = await browser.visitor();
    const { page } = visitor;
    const address = `${pair.couplet.url}/invite/${token}/register`;
    await page.goto(address);
    const proof = await page.getAttribute("input[name=proof]", "value") ?? "";
    await using server = Deno.serve({ port: 0, onListen: () => {} }, () =>
      new Response(
        `<form method="post" action="${address}"><input name="password" value="stolen by somebody">` +
          `<input name="proof" value="${proof}"><button type="submit">Go</button></form>`,
        { headers: { "content-type": "text/html" } },
      ));
    await page.goto(`http://evil.example:${server.addr.port}/`);
    await page.click("button");
    assert.equal(page.url(), address);
    await requireAccessible(page, "refused form");
    assert.match(await page.textContent(".errors") ?? "", /came from elsewhere/);
    assert.equal(await pair.canLogIn("alice", "a secret"), true);
    await page.goto(address);
    await page.fill("#password", password);
    await page.click(send);
    await keepPicture(page, "registration reset done");
    await requireAccessible(page, "reset done");
    assert.deepEqual([await pair.canLogIn("alice", "a secret"), await pair.canLogIn("alice", password)], [
      false,
      true,
    ]);
  },
});
