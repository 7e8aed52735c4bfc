import assert from "node:assert/strict";
import { createGate } from "../../src/core/gate.ts";
import { noSoonerThan } from "../../src/core/no_sooner_than.ts";
import { Problem } from "../../src/core/problem.ts";

/** Work that ends when it is told to, and knows how much of it is under way. */
function workbench() {
  const open: (() => void)[] = [];
  const bench = {
    begun: 0,
    underWay: 0,
    most: 0,
    work: async () => {
      bench.begun++;
      bench.most = Math.max(bench.most, ++bench.underWay);
      await new Promise<void>((resolve) => open.push(resolve));
      return --bench.underWay;
    },
    finish: () => open.shift()?.(),
  };
  return bench;
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
const busy = (error: unknown) =>
  error instanceof Problem && error.code === "store-unavailable" && error.retryAfter === 60;

Deno.test("so much work is done at a time, the rest in its order, and beyond that none is taken", async () => {
  const gate = createGate({ atATime: 2, waiting: 3, patience: 60_000 });
  const bench = workbench();
  const order: number[] = [];
  const runs = [0, 1, 2, 3, 4].map((i) =>
    gate.run("a", () => {
      order.push(i);
      return bench.work();
    })
  );
  await assert.rejects(gate.run("a", bench.work), busy);
  assert.equal(bench.begun, 2);
  bench.finish();
  await turn();
  runs.push(gate.run("a", bench.work)); // one has gone, and its place counts again
  for (let i = 0; i < 5; i++) {
    bench.finish();
    await turn();
  }
  await Promise.all(runs);
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
  assert.equal(bench.most, 2);
});

Deno.test("each key has a gate of its own", async () => {
  const gate = createGate({ atATime: 1, waiting: 0, patience: 60_000 });
  const bench = workbench();
  const runs = ["a", "b", "c"].map((key) => gate.run(key, bench.work));
  assert.equal(bench.underWay, 3);
  await assert.rejects(gate.run("a", bench.work), busy);
  for (const _ of runs) bench.finish();
  await Promise.all(runs);
});

Deno.test("who has waited too long is told so, and its work is never begun", async () => {
  const gate = createGate({ atATime: 1, waiting: 2, patience: 20 });
  const bench = workbench();
  const first = gate.run("a", bench.work);
  const late = [1, 2].map(() => gate.run("a", bench.work));
  for (const one of late) {
    await assert.rejects(one, (error) => error instanceof Problem && error.retryAfter === 1);
  }
  bench.finish();
  await first; // has run for longer than anybody may wait
  await turn();
  assert.equal(bench.begun, 1);
  const next = gate.run("a", bench.work);
  assert.equal(bench.begun, 2);
  bench.finish();
  await next;
});

Deno.test("work that fails lets the next one in, and its own error out", async () => {
  const gate = createGate({ atATime: 1, waiting: 1, patience: 60_000 });
  const failing = gate.run("a", () => Promise.reject(new RangeError("no")));
  const next = gate.run("a", () => Promise.resolve("done"));
  await assert.rejects(failing, RangeError);
  assert.equal(await next, "done");
});

Deno.test("a failure is told no sooner than said, however early it came; a success at once", async () => {
  const began = performance.now();
  assert.equal(await noSoonerThan(began, 60_000, () => Promise.resolve(1)), 1);
  await assert.rejects(noSoonerThan(began, 60, () => Promise.reject(new RangeError("no"))), RangeError);
  assert.ok(performance.now() - began >= 60);
  const late = performance.now();
  await assert.rejects(
    noSoonerThan(late - 60_000, 59_000, () => Promise.reject(new RangeError("no"))),
    RangeError,
  );
  assert.ok(performance.now() - late < 30_000);
});
