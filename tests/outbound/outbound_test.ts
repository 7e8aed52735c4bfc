import assert from "node:assert/strict";
import { failure, json, limits, rig } from "./rig.ts";

Deno.test("a document is fetched with its ETag, and asked for as JSON with the bearer", () =>
  rig(
    (request) => json([...request.headers], { headers: { etag: '"v1"', "content-type": "text/html" } }),
    async ({ out, origin }) => {
      const got = await out.getJson(`${origin}/roster?q=1#here`, { ...limits, bearer: "s3cret" });
      assert.ok(got.kind === "fresh");
      assert.equal(got.etag, '"v1"');
      const headers = new Headers(got.value as [string, string][]);
      assert.equal(headers.get("accept"), "application/json");
      assert.equal(headers.get("authorization"), "Bearer s3cret");
      assert.equal(headers.get("if-none-match"), null);
    },
  ));

Deno.test("a document that is still the same is not sent again", () =>
  rig(
    (request) =>
      request.headers.get("if-none-match") === '"v1"' ? new Response(null, { status: 304 }) : json("other"),
    async ({ out, origin }) => {
      assert.deepEqual(await out.getJson(origin, { ...limits, etag: '"v1"' }), { kind: "unchanged" });
      assert.deepEqual(await out.getJson(origin, { ...limits, etag: '"v0"' }), {
        kind: "fresh",
        value: "other",
      });
    },
  ));

Deno.test("304 to somebody who has no document is a failure", () =>
  rig(() => new Response(null, { status: 304 }), async ({ out, origin, seen }) => {
    await failure(out.getJson(origin, limits), "status", 304);
    assert.equal(seen.length, 1);
  }));

Deno.test("a document is posted as JSON, and an empty answer is undefined", () =>
  rig(
    (request, { pathname }) =>
      pathname === "/echo"
        ? json([request.headers.get("content-type"), request.headers.get("authorization")])
        : new Response(null, { status: 204 }),
    async ({ out, origin, seen }) => {
      const answer = await out.postJson(`${origin}/echo`, { é: 1 }, { ...limits, bearer: "b" });
      assert.deepEqual(answer, ["application/json", "Bearer b"]);
      assert.equal(await out.postJson(`${origin}/none`, null, limits), undefined);
      assert.deepEqual(seen, ['POST /echo {"é":1}', "POST /none null"]);
    },
  ));

Deno.test("a name and password in the URL are sent once, in UTF-8, and give way to a bearer", () =>
  rig((request) => json(request.headers.get("authorization")), async ({ out, origin }) => {
    const ask = async (userinfo: string, bearer?: string) => {
      const got = await out.getJson(origin.replace("//", `//${userinfo}@`), { ...limits, bearer });
      return got.kind === "fresh" && got.value;
    };
    assert.equal(await ask("ann:p%40s%C3%A9"), `Basic ${new TextEncoder().encode("ann:p@sé").toBase64()}`);
    assert.equal(await ask("100%:x"), `Basic ${btoa("100%:x")}`);
    assert.equal(await ask("ann:pass", "tok"), "Bearer tok");
  }));

Deno.test("a compressed document is read", () =>
  rig(
    () =>
      new Response(json({ a: 1 }).body?.pipeThrough(new CompressionStream("gzip")) as BodyInit, {
        headers: { "content-encoding": "gzip" },
      }),
    async ({ out, origin }) => {
      assert.deepEqual(await out.getJson(origin, limits), { kind: "fresh", value: { a: 1 } });
    },
  ));

Deno.test("redirects within the origin are followed, with the bearer and without the URL's own secrets", () =>
  rig(
    (request, { pathname, host }) => {
      const location = { "/a": "/b?x=1", "/b": `http://eve:evil@${host}/c`, "/c": "d" }[pathname];
      return location === undefined
        ? json(request.headers.get("authorization"))
        : new Response("moved", { status: 302, headers: { location } });
    },
    async ({ out, origin, seen }) => {
      const got = await out.getJson(`${origin}/a`, { ...limits, bearer: "b" });
      assert.deepEqual(got, { kind: "fresh", value: "Bearer b" });
      assert.deepEqual(seen, ["GET /a", "GET /b?x=1", "GET /c", "GET /d"]);
    },
  ));

Deno.test("a POST stays a POST when it is redirected, but for 303", () =>
  rig(
    (_, { pathname }) =>
      pathname === "/end"
        ? json("there")
        : new Response(null, { status: Number(pathname.slice(1)), headers: { location: "/end" } }),
    async ({ out, origin, seen }) => {
      for (const status of [301, 302, 307, 308, 303]) {
        assert.equal(await out.postJson(`${origin}/${status}`, [1], limits), "there");
      }
      const ends = seen.filter((line) => line.includes("/end"));
      assert.deepEqual(ends, [...Array(4).fill("POST /end [1]"), "GET /end"]);
    },
  ));

Deno.test("a redirect to another origin, to nowhere or in a circle is not followed", () =>
  rig(() => json("other"), ({ origin: other, seen: seenByOther }) =>
    rig(
      (_, { pathname }) => {
        const location = {
          "/away": `${other}/x?token=hush`,
          "/file": "file:///etc/passwd",
          "/loop": "/loop",
        };
        const to = location[pathname as keyof typeof location];
        return new Response("moved", { status: 307, headers: to === undefined ? {} : { location: to } });
      },
      async ({ out, origin, seen }) => {
        const error = await failure(
          out.getJson(`${origin}/away`, { ...limits, bearer: "b" }),
          "redirect",
          307,
        );
        assert.equal(error.message, `GET ${origin}/away redirects to another origin, ${other}.`);
        await failure(out.getJson(`${origin}/file`, limits), "redirect", 307);
        await failure(out.getJson(`${origin}/nowhere`, limits), "redirect", 307);
        assert.equal(seen.length, 3);
        await failure(out.getJson(`${origin}/loop`, limits), "redirect", 307);
        assert.equal(seen.length, 3 + 4, "once, and three redirects");
        assert.deepEqual(seenByOther, []);
      },
    )));

Deno.test("an address that is not HTTP's is never opened, nor told", async () => {
  let calls = 0;
  const fetch = () => Promise.resolve(json(calls++));
  await rig(() => json(1), async ({ out }) => {
    for (
      const url of ["file:///etc/passwd", "data:application/json,%22hush%22", "hush", "http://hush hush/"]
    ) {
      const error = await failure(out.getJson(url, limits), "unreachable");
      assert.doesNotMatch(Deno.inspect(error), /hush|passwd/);
      assert.ok(!out.isResting(url));
    }
    await assert.rejects(
      out.getJson("http://a.example/", { ...limits, bearer: "hush\nhush" }),
      (error) => error instanceof TypeError && !/hush/.test(Deno.inspect(error)),
    );
    assert.equal(calls, 0);
    await out.getJson("http://a.example/", limits);
    assert.equal(calls, 1);
  }, { fetch });
});

Deno.test("a bug of ours is not a failure of theirs", () =>
  rig(() => json(1), async ({ out, origin, seen }) => {
    const circle: { circle?: unknown } = {};
    circle.circle = circle;
    await assert.rejects(out.postJson(origin, circle, limits), TypeError);
    assert.deepEqual(seen, []);
  }));
