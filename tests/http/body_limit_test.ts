import assert from "node:assert/strict";
import { boundBody, limitOf } from "../../src/http/body_limit.ts";
import { createTestApp } from "../harness.ts";

const stream = (chunks: number, size: number, seen: { pulled: number }) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      if (seen.pulled++ < chunks) controller.enqueue(new Uint8Array(size));
      else controller.close();
    },
  }, { highWaterMark: 0 });
const request = (body: BodyInit, headers = {}) => new Request("http://x/", { method: "POST", body, headers });

Deno.test("the first limit whose path fits counts, and where none fits there is no body", () => {
  const limits = [["/a/b", 3], ["/a", 2], ["/b", 1]] as const;
  const paths = ["/a/b", "/a/bc", "/a/", "/a", "/b/x", "/c", ""];
  assert.deepEqual(paths.map((path) => limitOf(limits, path)), [3, 3, 2, 2, 1, 0, 0]);
});

Deno.test("a body of unknown length may have exactly its limit, fails above it, and is read no further", async () => {
  for (const [size, isFine] of [[10, true], [11, false]] as const) {
    const body = boundBody(request(stream(4, size, { pulled: 0 })), 40).arrayBuffer();
    if (isFine) assert.equal((await body).byteLength, 40);
    else await assert.rejects(body, { code: "too-large" });
  }
  const seen = { pulled: 0 };
  await assert.rejects(boundBody(request(stream(1_000, 10, seen)), 40).arrayBuffer(), { code: "too-large" });
  assert.ok(seen.pulled < 10, `${seen.pulled} chunks were read`);
});

Deno.test("a body that says it is too large is refused at once, and a false word counts for nothing", async () => {
  const huge = { "content-length": "41" };
  assert.throws(() => boundBody(request("x", huge), 40), { code: "too-large" });
  const both = { "content-length": "1", "transfer-encoding": "chunked" };
  const body = boundBody(request(stream(5, 10, { pulled: 0 }), both), 40).arrayBuffer();
  await assert.rejects(body, { code: "too-large" });
});

Deno.test("rosters may be larger than other bodies, and no body is read of who has no key", async () => {
  await using app = await createTestApp({ toml: "[http]\nmax_body = 100\n[rosters]\nmax_body = 1000" });
  const key = await app.key({ scopes: ["rosters:write", "invites:create"] });
  const send = async (path: string, method: string, size: number) => {
    const body = `{"${"x".repeat(size - 5)}":5}`.slice(0, size);
    const headers = { "content-type": "application/json" };
    return (await app.fetch(path, { method, key, body, headers })).status;
  };
  for (
    const [path, method, most] of [
      ["/v1/invites", "POST", 100],
      ["/v1/rosters/john", "PUT", 1000],
      ["/v1/rosters/john/marie@example.org", "PUT", 1000],
      ["/v1/roster_pairs", "POST", 1000],
      ["/roster_admin/refresh", "POST", 1000],
    ] as const
  ) {
    assert.notEqual(await send(path, method, most), 413, path);
    assert.equal(await send(path, method, most + 1), 413, path);
  }
  const seen = { pulled: 0 };
  const strange = await app.fetch("/v1/rosters/john", { method: "PUT", body: stream(1_000, 10, seen) });
  assert.equal(strange.status, 401);
  assert.ok(seen.pulled <= 2, `${seen.pulled} chunks were read`);
});
