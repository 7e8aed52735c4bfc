import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { createStanzas } from "../../src/app.ts";
import { createChannel } from "../../src/channel/server.ts";
import { Problem } from "../../src/core/problem.ts";
import { createDataOverDaemon } from "../../src/prosody/data_over_daemon.ts";
import { createFakeStorage } from "../data/fake_storage.ts";
import { createTestApp } from "../harness.ts";

const host = "example.org";

Deno.test("a command asks through the daemon's socket, one thing after the other", async () => {
  const fake = createFakeStorage();
  await using app = await createTestApp({ prosody: { stored: fake } });
  const channel = createChannel({
    ...{ handlers: createStanzas(app.services), isServed: (name) => name === host },
    ...{ describe: () => ({}), version: "0" },
  });
  const path = `${app.dir}/control.sock`;
  await channel.listen(path);
  try {
    using stored = createDataOverDaemon(path);
    const place = { user: "john", store: "notes" };
    const large = `{"${"x".repeat(590_000)}"}`;
    fake.values.set("john/notes", '{a="<&>\\000\\255"}');
    const got = await stored.ask(host, { call: "get", ...place });
    assert.ok(got.is === "value");
    assert.equal(got.text, '{a="<&>\\000\\255"}');
    const was = hash("sha256", got.text, "hex");
    assert.equal((await stored.ask(host, { call: "set", ...place, was: "0", value: large })).is, "changed");
    const set = await stored.ask(host, { call: "set", ...place, was, value: large });
    assert.equal(set.is, "done");
    assert.deepEqual(await stored.ask(host, { call: "get", ...place }), { is: "value", text: large });
    const gone = await stored.ask(host, { call: "set", ...place, was: hash("sha256", large, "hex") });
    assert.deepEqual([gone.is, fake.values.size], ["done", 0]);
    const unknown = await stored.ask(host, { call: "get", user: "nobody", store: "notes" });
    assert.equal(unknown.is, "no-user");
    fake.isAway = true;
    await assert.rejects(stored.ask(host, { call: "get", ...place }), /Prosody is not there/);
    fake.isAway = false;
    await assert.rejects(
      stored.ask("example.com", { call: "get", ...place }),
      (error) => error instanceof Problem,
    );
  } finally {
    await channel.close();
  }
  using stored = createDataOverDaemon(path);
  const told = stored.ask(host, { call: "get", user: "john", store: "notes" });
  await assert.rejects(told, /No daemon answers on .*Start it: couplet serve/);
});
