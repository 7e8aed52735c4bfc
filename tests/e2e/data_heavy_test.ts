import assert from "node:assert/strict";
import { startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";

onEachProsody("others have their turn between values that take Prosody long", async (install) => {
  await using stage = await startDataStage(install);
  const as = "user:a secret";
  // As many names as a value may have.
  const json = Object.fromEntries(Array.from({ length: 4_900 }, (_, i) => [`${i} é`, i]));
  const stores = ["teststore", "luastore", "mylist", "sa", "sb", "counter"];
  for (const store of stores) {
    assert.equal((await stage.data("PUT", store, { as, json })).status, 201);
  }
  await using client = await stage.pair.user("john");
  let ended = false;
  const start = performance.now();
  const reading = Promise.all(stores.map((store) => stage.data("GET", store, { as })))
    .finally(() => ended = true);
  let longest = 0; // that Prosody did not answer
  while (!ended) {
    const asked = performance.now();
    await client.rest();
    longest = Math.max(longest, performance.now() - asked);
  }
  const whole = performance.now() - start;
  for (const { status } of await reading) assert.equal(status, 200);
  assert.ok(longest < whole / 2, `${longest} of ${whole} ms`);
});
