import assert from "node:assert/strict";
import { createPace } from "../../src/core/turn.ts";

Deno.test("of many long works one goes on in a turn, so that others wait for no more than that one", async () => {
  const [works, rounds] = [16, 3];
  let [turns, isOver] = [0, false];
  const watching = (async () => {
    for (; !isOver; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
  })();
  await Promise.all(Array.from({ length: works }, async () => {
    const pace = createPace();
    for (let round = 0; round < rounds;) {
      const rest = pace();
      if (!rest) continue; // works on
      round++;
      await rest;
    }
  }));
  isOver = true;
  await watching;
  assert.ok(turns > works * rounds / 2, `${turns} turns`);
});
