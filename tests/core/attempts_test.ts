import assert from "node:assert/strict";
import { createAttempts } from "../../src/core/attempts.ts";

const host = "example.org";

function rig(known?: number) {
  let time = Date.UTC(2026, 0, 1);
  const attempts = createAttempts({ clock: () => time, ...(known !== undefined && { known }) });
  /** Seconds to wait, or 0 after a wrong password was looked at. */
  const guess = (username: string, address?: string) => {
    const problem = attempts.check({ address, host, username });
    if (!problem) attempts.failed({ address, host, username });
    return problem?.retryAfter ?? 0;
  };
  const enter = (username: string, address?: string) => {
    const problem = attempts.check({ address, host, username });
    if (!problem) attempts.succeeded({ address, host, username });
    return problem?.retryAfter ?? 0;
  };
  const times = (n: number, work: (i: number) => number) => Array.from({ length: n }, (_, i) => work(i));
  return { attempts, guess, enter, times, advance: (seconds: number) => void (time += seconds * 1_000) };
}
const zeros = (n: number) => Array.from({ length: n }, () => 0);
const from = (i: number) => `10.${i >> 16 & 255}.${i >> 8 & 255}.${i & 255}`;

Deno.test("ten wrong passwords in a row are free, then waits double up to a minute", () => {
  const { guess, times, advance } = rig();
  assert.deepEqual(times(10, (i) => guess("ann", from(i))), zeros(10));
  for (const wait of [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
    assert.equal(guess("ann", from(99)), wait);
    advance(wait - 0.001);
    assert.equal(guess("ann", from(99)), 1, `${wait}`); // the last millisecond
    advance(0.001);
    assert.equal(guess("ann", from(100 + wait)), 0, `${wait}`);
  }
  assert.equal(guess("bob"), 0, "another account");
});

Deno.test("a try that is too early does not count, so nobody is locked out for good", () => {
  const { guess, enter, times, advance } = rig();
  times(10, () => guess("ann"));
  assert.ok(times(1_000, () => guess("ann")).every((wait) => wait === 1));
  advance(1);
  assert.equal(enter("ann"), 0);
  assert.deepEqual(times(10, () => guess("ann")), zeros(10), "a success begins anew");
  assert.equal(guess("ann"), 1);
});

Deno.test("of many tries at the same moment one is looked at once there are waits", () => {
  const { attempts, times, guess, advance } = rig();
  times(11, () => guess("ann"));
  advance(1);
  const looked = times(100, () => attempts.check({ address: undefined, host, username: "ann" }) ? 0 : 1);
  assert.equal(looked.reduce((sum, n) => sum + n, 0), 1);
  advance(1); // that one never told how it went: it holds up nobody for longer than a failure would
  assert.equal(guess("ann"), 0);
});

Deno.test("thirty failures of an address are free within ten minutes, then its waits double up to five", () => {
  const { guess, times, advance } = rig();
  const spray = (i: number) => guess(`user${i}`, "192.0.2.1");
  assert.deepEqual(times(30, spray), zeros(30));
  for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
    assert.equal(spray(1_000), wait);
    advance(wait);
    assert.equal(spray(1_000 + wait), 0, `${wait}`);
  }
  assert.equal(guess("ann", "192.0.2.2"), 0, "another address");
  assert.equal(guess("ann"), 0, "an unknown one");
  advance(600);
  assert.deepEqual(times(30, spray), zeros(30), "forgotten after ten quiet minutes");
});

Deno.test("thirty failures that take longer than ten minutes cost nobody a wait", () => {
  const { guess, times, advance } = rig();
  assert.deepEqual(
    times(100, (i) => {
      advance(21);
      return guess(`user${i}`, "192.0.2.1");
    }),
    zeros(100),
  );
});

Deno.test("one's own accounts do not make an address good again", () => {
  const { guess, enter, times, advance } = rig();
  const spray = (i: number) => {
    enter(`mallory${i}`, "192.0.2.1");
    return guess(`user${i}`, "192.0.2.1");
  };
  assert.deepEqual(times(30, spray), zeros(30));
  assert.equal(enter("mallory99", "192.0.2.1"), 1);
  advance(1);
  assert.equal(enter("mallory99", "192.0.2.1"), 0);
  assert.equal(guess("user31", "192.0.2.1"), 1);
});

Deno.test("strangers keep nobody from an address that the account was let in from before", () => {
  const { guess, enter, times, advance } = rig();
  enter("ann", "192.0.2.1");
  times(40, (i) => guess("ann", from(i)));
  assert.equal(guess("ann", "192.0.2.9"), 1);
  assert.equal(enter("ann", "192.0.2.1"), 0);
  assert.equal(guess("ann", "192.0.2.9"), 1, "which opens nothing for strangers");
  times(40, (i) => guess(`user${i}`, "192.0.2.1"));
  assert.equal(guess("bob", "192.0.2.1"), 1);
  assert.equal(enter("ann", "192.0.2.1"), 0, "nor do her neighbours");
  assert.deepEqual(
    times(11, () => guess("ann", "192.0.2.1")),
    [...zeros(10), 1],
    "but she may not guess either",
  );
  advance(1);
  assert.equal(enter("ann", "192.0.2.1"), 0);
});

Deno.test("an account that does not exist is treated as one that does, and hosts have nothing in common", () => {
  const { attempts, guess, times } = rig();
  const [known, unknown] = ["ann", "nobody"].map((name) => times(12, (i) => guess(name, from(i))));
  assert.deepEqual(known, unknown);
  assert.equal(attempts.check({ address: undefined, host: "example.net", username: "ann" }), undefined);
  const long = "n".repeat(1_000);
  assert.deepEqual([known, times(10, (i) => guess(`${long}a`, from(i))), guess(`${long}b`)], [
    unknown,
    zeros(10),
    0,
  ]);
  assert.equal(guess(`${long}a`), 1);
});

Deno.test("a flood of other names pushes out nobody who must wait, and memory is bounded", () => {
  const { guess, times } = rig(100);
  times(10, (i) => guess("ann", from(i)));
  times(5_000, (i) => guess(`user${i}`, from(100 + i)));
  assert.equal(guess("ann", from(20)), 1);
  // To push her out each of a hundred others must have failed ten times since she was last tried.
  times(99 * 10, (i) => guess(`other${Math.floor(i / 10)}`, from(10_000 + i)));
  assert.equal(guess("ann", from(20)), 1);
  times(100 * 10, (i) => guess(`more${Math.floor(i / 10)}`, from(20_000 + i)));
  assert.equal(guess("ann", from(20)), 0);
});

Deno.test("a clock that is set back makes nobody wait longer, and one set forward forgets", () => {
  const { guess, times, advance } = rig();
  times(11, () => guess("ann"));
  advance(-365 * 86_400);
  assert.equal(guess("ann"), 1);
  advance(1);
  assert.equal(guess("ann"), 0);
  advance(86_400);
  assert.deepEqual(times(10, () => guess("ann")), zeros(10));
});

Deno.test("who is refused is told when to come back, and not which limit it was", () => {
  const { attempts, guess, times } = rig();
  times(10, () => guess("ann"));
  times(30, (i) => guess(`user${i}`, "192.0.2.1"));
  const [byAccount, byAddress] = [
    attempts.check({ address: undefined, host, username: "ann" }),
    attempts.check({ address: "192.0.2.1", host, username: "bob" }),
  ];
  assert.equal(byAccount?.code, "too-many-requests");
  assert.match(byAccount.detail, /again in 1 s/);
  assert.deepEqual([byAddress?.code, byAddress?.detail], [byAccount.code, byAccount.detail]);
});
