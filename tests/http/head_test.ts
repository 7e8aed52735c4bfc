import assert from "node:assert/strict";
import { createTestApp } from "../harness.ts";

Deno.test("an answer to HEAD tells the length that GET has, or none", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: ["rosters:read"] });
  const rosters = "/v1/rosters/john";
  for (const [path, init] of [["/livez", {}], [rosters, {}], [rosters, { key }], ["/nowhere", {}]] as const) {
    const body = await (await app.fetch(path, init)).bytes();
    const head = await app.fetch(path, { ...init, method: "HEAD" });
    assert.ok(body.length > 0, path);
    assert.equal(head.headers.get("content-length"), `${body.length}`, path);
    assert.equal((await head.bytes()).length, 0, path);
  }
  const known = (await app.fetch(rosters, { key })).headers.get("etag") ?? "";
  const same = await app.fetch(rosters, { key, method: "HEAD", headers: { "if-none-match": known } });
  assert.deepEqual([same.status, same.headers.get("content-length")], [304, null]);
});
