import assert from "node:assert/strict";
import { failure, json, limits, rawRig, rig } from "./rig.ts";

Deno.test("a server that is slow to answer is given up in time", () => {
  const { promise: end, resolve } = Promise.withResolvers<Response>();
  return rig(() => end, async ({ out, origin, seen }) => {
    const start = performance.now();
    const call = out.getJson(`${origin}/slow`, { ...limits, timeout: 40, tries: 2 });
    const error = await failure(call, "timeout").finally(() => resolve(new Response()));
    const took = performance.now() - start;
    assert.equal(error.message, `GET ${origin}/slow did not answer in full within 40 ms.`);
    assert.equal(seen.length, 2, "a time-out is tried again");
    assert.ok(took >= 78 && took < 1_000, `${took} ms`);
  });
});

for (const encoding of ["identity", "gzip"]) {
  Deno.test(`a body that drips does not hold us beyond the time-out (${encoding})`, async () => {
    let cancelled = 0;
    const timers = new Set<ReturnType<typeof setInterval>>();
    await rig(() => {
      let timer: ReturnType<typeof setInterval>;
      const drip = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          timer = setInterval(() => controller.enqueue(crypto.getRandomValues(new Uint8Array(20))), 5);
          timers.add(timer);
        },
        cancel() {
          cancelled++;
          clearInterval(timer);
          timers.delete(timer);
        },
      });
      // Gzip, stored: a header, then one endless block as far as we ever get.
      const head = new Uint8Array([31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 1, 255, 255, 0, 0]);
      if (encoding === "identity") return new Response(drip);
      const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        start: (controller) => controller.enqueue(head),
      });
      drip.pipeTo(writable).catch(() => {});
      return new Response(readable, { headers: { "content-encoding": "gzip" } });
    }, async ({ out, origin }) => {
      const start = performance.now();
      await failure(out.getJson(origin, { timeout: 60, maxBytes: 1_000_000, tries: 1 }), "timeout");
      const took = performance.now() - start;
      assert.ok(took >= 59 && took < 1_000, `${took} ms`);
      for (let turns = 0; timers.size > 0 && turns < 200; turns++) {
        await new Promise((go) => setTimeout(go, 5));
      }
      assert.equal(cancelled, 1, "the server sees that nobody reads");
    });
  });
}

Deno.test("the time-out is for all of the redirects together", () =>
  rig(
    async (_, { pathname }) => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return new Response(null, { status: 307, headers: { location: `${pathname}x` } });
    },
    async ({ out, origin }) => {
      await failure(out.getJson(`${origin}/x`, { ...limits, timeout: 100, tries: 1 }), "timeout");
    },
  ));

Deno.test("a server that is down is unreachable, and the log's sentence holds no secret", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await rig(() => json(1), async ({ out }) => {
    const url = `http://ann:pass@127.0.0.1:${port}/roster?token=hush`;
    const error = await failure(out.getJson(url, { ...limits, bearer: "s3cret" }), "unreachable");
    assert.match(
      error.message,
      new RegExp(`^GET http://127.0.0.1:${port}/roster got no whole answer: .*refused`),
    );
    assert.doesNotMatch(Deno.inspect(error), /hush|pass|s3cret/);
  });
});

Deno.test("an answer that breaks off is no answer, and one that is not HTTP neither", async () => {
  await rig(() => json(1), async ({ out }) => {
    await rawRig("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", async (origin) => {
      await failure(out.getJson(origin, limits), "unreachable");
    });
    await rawRig("SSH-2.0\r\n", async (origin) => {
      const error = await failure(out.getJson(`${origin}/?token=hush`, limits), "unreachable");
      assert.doesNotMatch(Deno.inspect(error), /hush/);
    });
  });
});

Deno.test("a body is cut off where it is too long, whatever its headers say of it", async () => {
  let sent = 0;
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 10_000;
        controller.enqueue(new Uint8Array(10_000).fill(32));
      },
    }, { highWaterMark: 0 });
  await rig((_, { pathname }) => {
    if (pathname === "/endless") return new Response(endless());
    if (pathname === "/bomb") {
      const zeros = new Response(new Uint8Array(20_000_000)).body?.pipeThrough(new CompressionStream("gzip"));
      return new Response(zeros as BodyInit, { headers: { "content-encoding": "gzip" } });
    }
    return new Response(pathname === "/full" ? `"${"x".repeat(998)}"` : `"${"x".repeat(999)}"`);
  }, async ({ out, origin }) => {
    const error = await failure(out.getJson(`${origin}/endless`, limits), "too-large", 200);
    assert.equal(error.message, `GET ${origin}/endless answered with more than 1000 bytes.`);
    await failure(out.getJson(`${origin}/bomb`, { ...limits, maxBytes: 100_000 }), "too-large", 200);
    await failure(out.getJson(`${origin}/over`, limits), "too-large", 200);
    assert.equal((await out.getJson(`${origin}/full`, limits)).kind, "fresh", "1000 bytes are 1000 bytes");
  });
  assert.ok(sent < 20_000_000, `the server got rid of ${sent} bytes`);
});

for (
  const [what, bytes] of Object.entries({
    "a Latin-1 letter": [0x22, 0xe9, 0x22],
    "a surrogate in UTF-8": [0x22, 0xed, 0xa0, 0x80, 0x22],
    "UTF-16": [0xff, 0xfe, 0x31, 0x00],
    "half a character": [0x22, 0xc3],
    "half a document": [0x7b],
    "two documents": [0x31, 0x20, 0x32],
    "nothing": [],
    "a blank": [0x20],
  })
) {
  Deno.test(`${what} is not JSON`, () =>
    rig(
      () => new Response(new Uint8Array(bytes), { headers: { "content-type": "application/json" } }),
      async ({ out, origin, seen }) => {
        await failure(out.getJson(origin, limits), "not-json", 200);
        assert.equal(seen.length, 1);
      },
    ));
}

Deno.test("an answer that says two things of one member, or more than is asked for, is none, and the log hears why", async () => {
  const bodies: Record<string, string> = {
    "/twice": '{"hush": 1, "h\\u0075sh": 2}',
    "/deep": "[".repeat(65) + "]".repeat(65),
    "/names": '{"hush": 1, "hu": 2, "sh": 3}',
    "/values": "[1,2,3,4,5]",
  };
  await rig((_, { pathname }) => new Response(bodies[pathname]), async ({ out, origin }) => {
    const get = (path: string) =>
      out.getJson(origin + path, { ...limits, limits: { depth: 3, values: 5, names: 2 } });
    for (
      const [path, says] of [
        ["/twice", "names a member twice in one object at line 1, column 13."],
        ["/deep", "has more than 3 levels at line 1, column 4."],
        ["/names", "has more than 2 different names at line 1, column 22."],
        ["/values", "has more than 5 values at line 1, column 10."],
      ] as const
    ) {
      const error = await failure(get(path), "not-json", 200);
      assert.equal(error.message, `What GET ${origin}${path} answered ${says}`);
    }
    assert.equal((await out.getJson(`${origin}/values`, limits)).kind, "fresh");
    await failure(out.getJson(`${origin}/deep`, limits), "not-json", 200); // there is always a limit
  });
});

Deno.test("what a body holds is not told when it is not JSON", () =>
  rig(() => new Response("hush-hush"), async ({ out, origin }) => {
    const error = await failure(out.postJson(origin, 1, limits), "not-json", 200);
    assert.doesNotMatch(Deno.inspect(error), /hush/);
  }));
