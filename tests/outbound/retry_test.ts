import assert from "node:assert/strict";
import type { CallOptions } from "../../src/outbound/call.ts";
import { createOutbound } from "../../src/outbound/outbound.ts";
import { failure, json, limits, rig } from "./rig.ts";

Deno.test("500, then 200: the second try answers", () => {
  let asked = 0;
  return rig(
    () => asked++ > 0 ? json("up") : json("down", { status: 500 }),
    async ({ out, origin }) => {
      assert.deepEqual(await out.getJson(origin, limits), { kind: "fresh", value: "up" });
      assert.equal(asked, 2);
    },
  );
});

Deno.test("a call is tried as often as it says, three times if it does not", () =>
  rig(() => json("down", { status: 502 }), async ({ out, origin, seen }) => {
    const error = await failure(out.getJson(`${origin}/a?b=c`, limits), "status", 502);
    assert.equal(error.message, `GET ${origin}/a answered with status 502.`);
    assert.equal(seen.length, 3);
    await failure(out.postJson(origin, {}, { ...limits, tries: 1 }), "status", 502);
    assert.equal(seen.length, 4);
  }));

Deno.test("all tries together take no longer than they may, and one that would have little time is not made", async () => {
  let now = 0;
  const late = { within: 1_000, ...limits };
  await rig(
    (_, { pathname }) => {
      now += Number(pathname.slice(1));
      return json("down", { status: 503 });
    },
    async ({ out, origin, seen }) => {
      const triesOf = async (path: string, options: CallOptions = late) => {
        const before = seen.length;
        await failure(out.getJson(origin + path, options), "status", 503);
        return seen.length - before;
      };
      assert.equal(await triesOf("/501"), 1);
      assert.equal(await triesOf("/300"), 2);
      assert.equal(await triesOf("/100"), 3);
      assert.equal(await triesOf("/900", limits), 3);
    },
    { clock: () => now, breaker: { failures: 100, rest: 1 } },
  );
});

Deno.test("a second try has what the first has left, and is cut off there", () => {
  let asked = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  return rig(
    () => asked++ === 0 ? json("down", { status: 503 }) : promise.then(() => json("late")),
    async ({ out, origin }) => {
      const start = performance.now();
      const error = await failure(out.getJson(origin, { ...limits, within: 300 }), "timeout");
      assert.match(error.message, /within [12]?[0-9]?[0-9] ms/);
      const time = performance.now() - start;
      assert.ok(time < 1_000, `${time} ms`);
      assert.equal(asked, 2);
      resolve();
    },
  );
});

Deno.test("404, and other things that stay wrong, are not tried again", () =>
  rig(
    (_, { pathname }) => pathname === "/404" ? json("no", { status: 404 }) : new Response("<html>"),
    async ({ out, origin, seen }) => {
      await failure(out.getJson(`${origin}/404`, limits), "status", 404);
      await failure(out.getJson(`${origin}/html`, limits), "not-json", 200);
      await failure(out.getJson(`${origin}/html`, { ...limits, maxBytes: 3 }), "too-large", 200);
      assert.equal(seen.length, 3);
    },
  ));

Deno.test("the second try waits for as long as Retry-After asks", async () => {
  const times: number[] = [];
  await rig(
    () => {
      times.push(performance.now());
      return times.length > 1 ? json("now") : json("busy", { status: 429, headers: { "retry-after": "1" } });
    },
    async ({ out, origin }) => {
      assert.deepEqual(await out.getJson(origin, limits), { kind: "fresh", value: "now" });
      const [first = 0, second = 0] = times;
      assert.ok(second - first >= 998, `waited ${second - first} ms`);
    },
    { backoff: { first: 1, max: 1_000 } },
  );
});

Deno.test("who asks for a longer wait than we have, five seconds, is not tried again", () =>
  rig(
    () => json("busy", { status: 429, headers: { "retry-after": "6" } }),
    async ({ origin, seen }) => {
      const out = createOutbound({ log: { info() {}, warn() {} } });
      const error = await failure(out.getJson(origin, limits), "status", 429);
      assert.equal(error.retryAfter, 6_000);
      assert.equal(seen.length, 1);
    },
  ));

Deno.test("a Retry-After that is a date, or nonsense, leaves the wait to us", () =>
  rig(
    () => json("busy", { status: 503, headers: { "retry-after": "Fri, 31 Dec 2999 23:59:59 GMT" } }),
    async ({ out, origin, seen }) => {
      const error = await failure(out.getJson(origin, limits), "status", 503);
      assert.equal(error.retryAfter, undefined);
      assert.equal(seen.length, 3);
    },
  ));

Deno.test("five outages in a row let an origin rest, and one good answer wakes it", async () => {
  let now = 0;
  let up = false;
  await rig(
    () => up ? json("up") : json("down", { status: 500 }),
    async ({ out, origin, seen, logged }) => {
      const ask = () => out.getJson(`${origin}/a?b`, { ...limits, tries: 1 });
      for (let times = 0; times < 5; times++) {
        assert.ok(!out.isResting(origin));
        await failure(ask(), "status", 500);
      }
      assert.ok(out.isResting(`${origin}/another/path`));
      assert.ok(!out.isResting(origin.replace("127.0.0.1", "localhost")), "only that origin");
      const error = await failure(ask(), "resting");
      assert.equal(error.message, `GET ${origin}/a was not called: its server failed too often.`);
      now += 9_999;
      await failure(ask(), "resting");
      assert.equal(seen.length, 5);
      now += 1;
      assert.ok(!out.isResting(origin));
      await failure(ask(), "status", 500);
      assert.equal(seen.length, 6, "one try");
      await failure(ask(), "resting");
      now += 10_000;
      up = true;
      assert.equal((await ask()).kind, "fresh");
      assert.ok(!out.isResting(origin));
      up = false;
      for (let times = 0; times < 4; times++) await failure(ask(), "status", 500);
      assert.ok(!out.isResting(origin), "it counts anew");
      assert.deepEqual(logged.map((line) => line.slice(0, 20)), [
        "warn A server fails ",
        "info A server that h",
      ]);
    },
    { clock: () => now },
  );
});

Deno.test("while the one try of a rested origin is under way, nobody else waits for it", async () => {
  let now = 0;
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  await rig(
    async (_, { pathname }) => {
      if (pathname === "/down") return json("down", { status: 500 });
      arrive();
      await held;
      return json("up");
    },
    async ({ out, origin, seen }) => {
      await failure(out.getJson(`${origin}/down`, { ...limits, tries: 1 }), "status", 500);
      now += 10;
      const first = out.getJson(origin, limits);
      await arrived;
      assert.ok(out.isResting(origin));
      await failure(out.getJson(origin, limits), "resting");
      release();
      assert.equal((await first).kind, "fresh");
      assert.equal((await out.getJson(origin, limits)).kind, "fresh");
      assert.equal(seen.length, 3);
    },
    { clock: () => now, breaker: { failures: 1, rest: 10 } },
  );
});

Deno.test("an answer that is wrong shows a server that is alive", () =>
  rig(
    (_, { pathname }) => {
      if (pathname === "/html") return new Response("<html>");
      return json("no", { status: Number(pathname.slice(1)), headers: { location: "http://b.example/" } });
    },
    async ({ out, origin }) => {
      for (const path of ["404", "429", "html", "302"]) {
        await failure(out.getJson(`${origin}/500`, { ...limits, tries: 1 }), "status", 500);
        await out.getJson(`${origin}/${path}`, { ...limits, tries: 1 }).catch(() => {});
        assert.ok(!out.isResting(origin), path);
      }
      for (let times = 0; times < 2; times++) {
        await failure(out.getJson(`${origin}/500`, { ...limits, tries: 1 }), "status", 500);
      }
      assert.ok(out.isResting(origin));
    },
    { breaker: { failures: 2, rest: 10_000 } },
  ));

Deno.test("time-outs and servers that are down count, and the try that opens the breaker says why", async () => {
  const never = (_: URL, { signal }: RequestInit) =>
    new Promise<Response>((_, reject) =>
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")))
    );
  await rig(() => json(1), async ({ out }) => {
    const start = performance.now();
    await failure(out.getJson("https://a.example/", { ...limits, timeout: 5, tries: 9 }), "timeout");
    assert.ok(out.isResting("https://a.example/"));
    assert.ok(performance.now() - start < 1_000, "it does not wait for a try that cannot be");
  }, { fetch: never, breaker: { failures: 2, rest: 10_000 } });
  await rig(() => json(1), async ({ out }) => {
    await failure(out.getJson("https://a.example/", limits), "unreachable");
    assert.ok(out.isResting("https://a.example/"));
  }, { fetch: () => Promise.reject(new TypeError("x")), breaker: { failures: 3, rest: 10_000 } });
});

Deno.test("a rest ends by itself on the real clock", () =>
  rig((_, { pathname }) => json(1, { status: Number(pathname.slice(1)) }), async ({ out, origin }) => {
    await failure(out.getJson(`${origin}/503`, limits), "status", 503);
    assert.ok(out.isResting(origin));
    await new Promise((resolve) => setTimeout(resolve, 31));
    assert.ok(!out.isResting(origin));
    assert.equal((await out.getJson(`${origin}/200`, limits)).kind, "fresh");
  }, { breaker: { failures: 1, rest: 30 } }));
