import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { startPair } from "./pair.ts";
import { openForm } from "./web_form.ts";

const password = "correct horse battery";

onEachProsody("an invite becomes an account in a browser, and the account logs in", async (install) => {
  await using pair = await startPair(install);
  const { token } = await pair.invite();
  const form = await openForm(pair, `/invite/${token}/register`);
  const done = await form.send({ username: "Alice", password });
  assert.equal(done.status, 200, done.text);
  assert.match(done.text, /alice@example\.org/);
  assert.ok(!done.text.includes(password));
  assert.equal(await pair.canLogIn("alice", password), true);
  const { state, uses, redeemed_by } = await pair.look(token);
  assert.deepEqual([state, uses, redeemed_by?.map(({ jid }) => jid)], ["used", 1, ["alice@example.org"]]);
  assert.equal((await form.send({ username: "bob", password })).status, 410);
  assert.equal(await pair.canLogIn("bob", password), false);
});
