import assert from "node:assert/strict";
import fc from "fast-check";
import { sideBySide } from "../../src/http/side_by_side.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

Deno.test("answers are complete and in order, with no more under way than allowed, however long each takes", async () => {
  const jobs = fc.array(
    fc.record({ size: fc.integer({ min: 0, max: 5 }), time: fc.integer({ min: 0, max: 3 }) }),
    {
      maxLength: 30,
    },
  );
  await fc.assert(
    fc.asyncProperty(
      jobs,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 8 }),
      async (all, count, size) => {
        let [running, held] = [0, 0];
        async function* items() {
          for (const [number, job] of all.entries()) {
            if (number % 3 === 0) await wait(0);
            yield { number, ...job };
          }
        }
        const work = async ({ number, time, size: own }: { number: number; time: number; size: number }) => {
          assert.ok(running < count && held < size, "more than was allowed");
          [running, held] = [running + 1, held + own];
          if (time > 0) await wait(time);
          [running, held] = [running - 1, held - own];
          return number;
        };
        const answers: number[] = [];
        for await (const answer of sideBySide(items(), work, { count, size })) answers.push(answer);
        assert.deepEqual(answers, all.map((_, i) => i));
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("it does work side by side", async () => {
  let [running, most] = [0, 0];
  const items = (async function* () {
    for (let i = 0; i < 20; i++) yield { size: 1 };
  })();
  const work = async () => {
    most = Math.max(most, ++running);
    await wait(5);
    running--;
  };
  for await (const _ of sideBySide(items, work, { count: 4, size: 100 }));
  assert.equal(most, 4);
});

Deno.test("who stops listening, or items that fail, end it once what had begun is done", async () => {
  for (const how of ["return", "throw"]) {
    let [begun, ended, isClosed] = [0, 0, false];
    const items = async function* () {
      try {
        for (let i = 0; i < 3; i++) yield { size: 1 };
        if (how === "throw") throw new Error("broken");
        for (;;) yield { size: 1 };
      } finally {
        isClosed = true;
      }
    };
    const work = async () => {
      begun++;
      await wait(how === "throw" ? 20 : begun);
      ended++;
    };
    const run = async () => {
      for await (const _ of sideBySide(items(), work, { count: 8, size: 100 })) if (how === "return") break;
    };
    if (how === "throw") await assert.rejects(run(), /broken/);
    else await run();
    assert.deepEqual([ended, isClosed], [begun, true], how);
    assert.ok(begun >= 3);
  }
});
