import assert from "node:assert/strict";
import { createAttempts } from "../../src/core/attempts.ts";
import { createGate } from "../../src/core/gate.ts";
import { createLogins } from "../../src/data/logins.ts";
import { createFakeStorage } from "./fake_storage.ts";
import { createDataApp } from "./rig.ts";

Deno.test("after ten wrong passwords an account must wait, but not where its user was let in before", async () => {
  await using rig = await createDataApp();
  const { stored, call, app } = rig;
  stored.values.set("john/notes", "{a=1}");
  const guess = (i: number, from: string) =>
    call("GET", "notes", { as: `john@example.org:guess ${i}`, from });
  assert.equal((await call("GET", "notes", { as: "john", from: "192.0.2.1" })).status, 200);
  for (let i = 0; i < 10; i++) assert.equal((await guess(i, `198.51.100.${i}`)).status, 401);
  const told = await guess(10, "198.51.100.99");
  assert.equal(told.status, 429);
  assert.equal(told.headers.get("retry-after"), "1");
  assert.match(told.json.detail, /too many wrong passwords.*1 s/);
  assert.equal(stored.checks, 11, "that one was not looked at");
  stored.accounts.set("john", "another"); // what was remembered ends
  const late = await call("GET", "notes", { as: "john@example.org:another", from: "198.51.100.99" });
  assert.equal(late.status, 429, "a stranger's address, even with the right one");
  const home = await call("GET", "notes", { as: "john@example.org:another", from: "192.0.2.1" });
  assert.equal(home.status, 200);
  app.advance(1_001);
  assert.equal((await guess(11, "198.51.100.99")).status, 401);
  assert.equal((await guess(12, "198.51.100.99")).headers.get("retry-after"), "2");
});

Deno.test("thirty wrong passwords of an address make it wait, whoever they were for", async () => {
  await using rig = await createDataApp();
  const guess = (i: number) =>
    rig.call("GET", "notes", { as: `user${i}@example.org:wrong`, from: "198.51.100.7" });
  for (let i = 0; i < 30; i++) assert.equal((await guess(i)).status, 401);
  assert.equal((await guess(30)).status, 429);
  assert.equal(rig.stored.checks, 30);
  assert.equal((await rig.call("GET", "notes", { as: "john", from: "198.51.100.8" })).status, 404);
});

Deno.test("two hundred wrong guesses at once cost Prosody few checks, and equal ones a single one", async () => {
  await using rig = await createDataApp();
  const guesses = await Promise.all(
    Array.from(
      { length: 200 },
      (_, i) => rig.call("GET", "notes", { as: `john@example.org:guess ${i}`, from: `198.51.100.${i}` }),
    ),
  );
  const counts = Map.groupBy(guesses, ({ status }) => status);
  assert.deepEqual([...counts.keys()].sort(), [401, 429, 503]);
  assert.ok(rig.stored.checks <= 11, `${rig.stored.checks}`);
  assert.equal(counts.get(401)?.length, rig.stored.checks);
  for (const told of [...counts.get(429) ?? [], ...counts.get(503) ?? []]) {
    assert.match(told.headers.get("retry-after") ?? "", /^[1-9]/);
  }

  rig.stored.checks = 0;
  const same = await Promise.all(
    Array.from(
      { length: 200 },
      () => rig.call("GET", "notes", { as: "marie@example.org:wrong", from: "192.0.2.9" }),
    ),
  );
  assert.ok(same.every(({ status }) => status === 401));
  assert.equal(rig.stored.checks, 1);
  const right = await Promise.all(
    Array.from({ length: 200 }, () => rig.call("GET", "notes", { as: "marie" })),
  );
  assert.ok(right.every(({ status }) => status === 404));
  assert.equal(rig.stored.checks, 2);
});

Deno.test("a check that could not be made is a 503, counts for nothing, and is made again", async () => {
  await using rig = await createDataApp();
  const { stored, call, refused } = rig;
  stored.values.set("john/notes", "{a=1}");
  stored.isAway = true;
  for (let i = 0; i < 30; i++) await refused(503, "GET", "notes", { as: "john" });
  stored.isAway = false;
  stored.meanwhile = ({ call }) => {
    if (call === "check") throw new Error("a bug");
  };
  assert.equal((await call("GET", "notes", { as: "john" })).status, 500);
  stored.meanwhile = () => {};
  assert.equal((await call("GET", "notes", { as: "john" })).status, 200);
});

Deno.test("what fails is told no sooner than the floor, why ever it does; what is right at once", async () => {
  const stored = createFakeStorage();
  const floor = 300;
  const logins = createLogins({
    ...{ stored, floor, proofKey: new Uint8Array(32) },
    attempts: createAttempts({ clock: () => 0 }),
    gate: createGate({ atATime: 2, waiting: 100, patience: 5_000 }),
  });
  const time = async (user: string, password: string) => {
    const began = performance.now();
    const asker = logins("example.org", { user, password, address: "192.0.2.1" });
    const is = await asker.ask({ call: "nothing" }).then((answer) => answer.is, (error) => error.code);
    return { is, ms: performance.now() - began };
  };
  const [wrong, unknown, long, right] = await Promise.all([
    ...[time("john", "wrong"), time("nobody", "wrong"), time("john", "x".repeat(2_000))],
    time("marie", "marie's secret"),
  ]);
  for (const { is, ms } of [wrong!, unknown!, long!]) {
    assert.equal(is, "not-authenticated");
    assert.ok(ms >= floor - 1, `${ms}`);
  }
  assert.ok(right!.is === "done" && right!.ms < wrong!.ms, `${right!.ms}`);
});

Deno.test("a right password that Prosody has forgotten a moment later is checked again, and not called wrong", async () => {
  await using rig = await createDataApp();
  const { stored, call } = rig;
  const passwords = [, , , "another", "john's secret"]; // at the second question it is not what was remembered
  let step = 0;
  stored.meanwhile = () => void stored.accounts.set("john", passwords[++step] ?? "john's secret");
  const told = await call("GET", "notes", { as: "john" });
  assert.equal(told.status, 404, told.text);
  assert.equal(stored.checks, 2);
});
