import assert from "node:assert/strict";
import { controlNs, type Element, xml } from "../../src/channel/stanza.ts";
import { Problem } from "../../src/core/problem.ts";
import { registerOverChannel } from "../../src/prosody/register_over_channel.ts";

type Link = NonNullable<ReturnType<Parameters<typeof registerOverChannel>[0]["link"]>>;

const request = { username: "ann", password: "a <secret>\n", token: "T", address: "203.0.113.7" };

/** Asks a Prosody that answers this. */
function ask(answer: () => Promise<Element>, asked: unknown[] = []) {
  const link = {
    request: (type: string, to: string, child: Element, timeout: number) => {
      asked.push([type, to, child.attrs, timeout]);
      return answer();
    },
  } as unknown as Link;
  return registerOverChannel({ link: () => link })("example.org", request);
}

const says = (attrs: Record<string, string>, text = "") => () =>
  Promise.resolve(xml("iq", {}, xml("register", { xmlns: controlNs, ...attrs }, text)));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(() => undefined, (error) => error instanceof Problem ? error.code : String(error));

Deno.test("Prosody is asked with all that is known, and its word is the answer", async () => {
  const asked: unknown[] = [];
  const done = await ask(says({ is: "done", jid: "ann@example.org" }), asked);
  assert.deepEqual({ ...done }, { is: "done", jid: "ann@example.org", text: "" });
  assert.deepEqual(asked, [["set", "example.org", { xmlns: controlNs, ...request }, 10_000]]);
  for (const word of ["bad-username", "bad-password", "no-invite", "refused", "refused-for-now", "failed"]) {
    assert.equal((await ask(says({ is: word }, "Why"))).is, word);
  }
});

Deno.test("what the daemon itself has refused comes back as what it was", async () => {
  for (const code of ["invite-spent", "username-taken", "username-reserved", "invite-mismatch"]) {
    assert.equal(await codeOf(ask(says({ is: code }, "Why"))), code);
  }
  assert.equal(await codeOf(ask(says({ is: "unavailable" }, "Why"))), "store-unavailable");
});

Deno.test("where nothing was sent nothing was done; where nothing was heard, that is not known", async () => {
  const absent = registerOverChannel({ link: () => undefined })("example.org", request);
  assert.equal(await codeOf(absent), "store-unavailable");
  const silent = ask(() =>
    Promise.reject(new Problem("store-unavailable", "Prosody did not answer in time."))
  );
  assert.equal(await codeOf(silent), "in-doubt");
  assert.equal(await codeOf(ask(() => Promise.resolve(xml("iq")))), "in-doubt");
  assert.equal(await codeOf(ask(says({ is: "toString" }))), "in-doubt");
  const old = ask(() => Promise.reject(new Problem("not-implemented", "Prosody could not do this.")));
  assert.equal(await codeOf(old), "not-implemented");
});
