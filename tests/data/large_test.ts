import assert from "node:assert/strict";
import { letOthersRun } from "../../src/core/turn.ts";
import { createDataApp } from "./rig.ts";

Deno.test("large bodies are read one after the other, whosever they are: together they would fill the memory", async () => {
  await using rig = await createDataApp();
  let [underWay, most] = [0, 0];
  rig.stored.meanwhile = async ({ call }) => {
    if (call !== "set") return;
    most = Math.max(most, ++underWay);
    for (let i = 0; i < 20; i++) await letOthersRun();
    underWay--;
  };
  const writing = async (lua: string) => {
    most = 0;
    const paths = ["john", "marie"].flatMap((as) => ["notes", "list"].map((store) => ({ as, store })));
    const told = await Promise.all(paths.map(({ as, store }) => rig.call("PUT", store, { as, lua })));
    assert.deepEqual(told.map(({ status }) => status), [201, 201, 201, 201]);
    return most;
  };
  assert.ok(await writing("{a=1}") > 1, "small ones are not held up");
  assert.equal(await writing(`{${'"abcd",'.repeat(15_000)}}`), 1);
});
