import assert from "node:assert/strict";
import { startPair } from "../e2e/pair.ts";
import { findProsodies } from "../setup/prosody.ts";
import { hasBrowser, keepPicture, requireAccessible, startBrowser } from "./browser.ts";

const [install] = await findProsodies();
const password = "correct horse battery";

/** The server's own language does not matter here: a button is found by what it does. */
const send = "form button[type=submit]";

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
