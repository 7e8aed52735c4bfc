import assert from "node:assert/strict";
import { control, createTestApp } from "../harness.ts";
import { commit, host, invite, join, make, reserve, toldBy } from "./rig.ts";

Deno.test("the answer to a counted use says what the inviter is told, the same to whoever asks again", async () => {
  await using app = await createTestApp();
  const token = await make(app, undefined, { contact: "ann", register: true });
  const text = "ann@example.org: bob@example.org has joined example.org with your invite.";
  assert.equal(toldBy(await join(app, token, "bob")), text);
  assert.equal(toldBy(await commit(app, token, "bob")), text, "the first answer may have been lost");
  assert.equal(toldBy(await invite(app, "bob", "carol"))?.split(":")[0], "bob@example.org");
  const late = await make(app, "bob");
  await reserve(app, late, "dave");
  app.advance(120_000);
  await app.services.redemption.sweep();
  assert.ok(toldBy(await commit(app, late, "dave")), "a hold that has ended is counted all the same");
});

Deno.test("a new contact is told of too; a new password, and what nobody of the host has made, is not", async () => {
  await using app = await createTestApp();
  const use = async (token: string, attrs: Record<string, string>, to = "ann") => {
    await app.iq("set", `${to}@${host}`, control("reserve", { token, claim: "c", ...attrs }));
    return toldBy(await app.iq("set", `${to}@${host}`, control("commit", { token, claim: "c", ...attrs })));
  };
  const contact = await make(app, undefined, { contact: "ann" });
  assert.equal(
    await use(contact, { contact: "zoe@example.com" }),
    "ann@example.org: zoe@example.com has accepted your invite and is now among your contacts.",
  );
  assert.equal(await use(await make(app, undefined, { reset: "ann" }), { exists: "true" }), undefined);
  assert.equal(toldBy(await join(app, await make(app), "bob")), undefined);
});

Deno.test("nobody is told where `tell_inviter` is off", async () => {
  await using app = await createTestApp({ toml: "invites = { tell_inviter = false }" });
  assert.equal(toldBy(await invite(app, "ann", "bob")), undefined);
});
