import assert from "node:assert/strict";
import { Problem } from "../../src/core/problem.ts";
import type { StoredAnswer } from "../../src/prosody/stored_data.ts";
import { type Asked, createDataApp, type DataApp } from "./rig.ts";

const as = "john";
const sets = ({ stored }: DataApp) => stored.calls.filter(({ call }) => call === "set").length;

/** Somebody else writes to john's notes before each of the next `n` changes arrives. */
function meddle({ stored }: DataApp, n: number): void {
  let left = n;
  stored.meanwhile = ({ call }) => {
    if (call !== "set" || left-- <= 0) return;
    const now = Number(/other=(\d+)/.exec(stored.values.get("john/notes") ?? "other=0")?.[1] ?? 0);
    stored.values.set("john/notes", `{list={"mine"},other=${now + 1}}`);
  };
}

Deno.test("a change that somebody else came before is computed anew, four times", async () => {
  await using rig = await createDataApp();
  meddle(rig, 4);
  const told = await rig.call("PATCH", "notes", {
    ...{ as, json: { mine: 1 }, headers: { "content-type": "application/merge-patch+json" } },
  });
  assert.equal(told.status, 204, told.text);
  assert.equal(rig.stored.values.get("john/notes"), '{list={"mine"},mine=1,other=4}');
  assert.equal(sets(rig), 5);
});

Deno.test("after ten tries it is a conflict, nothing of it is there, and no version is left", async () => {
  await using rig = await createDataApp();
  meddle(rig, 10);
  const told = await rig.call("PUT", "notes", { as, json: { mine: 1 } });
  assert.equal(told.status, 409);
  assert.match(told.json.detail, /Try again/);
  assert.equal(sets(rig), 10);
  assert.equal(rig.stored.values.get("john/notes"), '{list={"mine"},other=10}');
  assert.deepEqual((await rig.call("GET", "/v1/data/john/notes/versions", { as })).json.versions, []);
});

Deno.test("what Prosody would take long to write is refused, and what is there already may shrink", async () => {
  await using rig = await createDataApp();
  const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, 1]));
  assert.equal((await rig.call("PUT", "notes", { as, json: names(5_000) })).status, 201);
  assert.equal((await rig.call("PUT", "notes", { as, json: names(5_001) })).status, 413);
  assert.equal((await rig.call("PUT", "list", { as, json: Array(20_001).fill(1) })).status, 413);
  const large = Array.from({ length: 6_000 }, (_, i) => `n${i}=1`);
  rig.stored.values.set("john/notes", `{${large}}`);
  const type = { "content-type": "application/merge-patch+json" };
  assert.equal((await rig.call("PATCH", "notes", { as, json: { more: 1 }, headers: type })).status, 413);
  assert.equal((await rig.call("PATCH", "notes", { as, json: { n0: null }, headers: type })).status, 204);
});

Deno.test("a condition is held to what is there when it is written", async () => {
  await using rig = await createDataApp();
  await rig.call("PUT", "notes", { as, json: { a: 1 } });
  const tag = (await rig.call("GET", "notes", { as })).headers.get("etag") ?? "";
  meddle(rig, 1);
  const told = await rig.call("PUT", "notes", { as, json: { a: 2 }, headers: { "if-match": tag } });
  assert.equal(told.status, 412);
  assert.equal(rig.stored.values.get("john/notes"), '{list={"mine"},other=1}');
  rig.stored.values.delete("john/notes");
  meddle(rig, 1);
  const made = await rig.call("PUT", "notes", { as, json: { a: 2 }, headers: { "if-none-match": "*" } });
  assert.equal(made.status, 412);
});

Deno.test("a hundred appends and a hundred counts at once are all there, one after the other", async () => {
  await using rig = await createDataApp();
  let [inside, most] = [0, 0];
  rig.stored.meanwhile = async ({ call }) => {
    if (call !== "set") return;
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 0));
    inside--;
  };
  const posts = await Promise.all(
    Array.from({ length: 100 }, (_, i) => rig.call("POST", "list", { as, json: i })),
  );
  assert.ok(posts.every(({ status }) => status === 201));
  const list: number[] = (await rig.call("GET", "list", { as })).json;
  assert.deepEqual(list.toSorted((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i));
  assert.deepEqual([most, sets(rig)], [1, 100]);

  const count = async (): Promise<void> => {
    const { json, headers } = await rig.call("GET", "notes", { as });
    const etag = headers.get("etag");
    const condition: Record<string, string> = etag === null ? { "if-none-match": "*" } : { "if-match": etag };
    const told = await rig.call("PUT", "notes", { as, json: { n: (json.n ?? 0) + 1 }, headers: condition });
    if (told.status === 412) return await count();
    assert.equal(told.status, 201);
  };
  await Promise.all(Array.from({ length: 20 }, count));
  assert.equal(rig.stored.values.get("john/notes"), "{n=20}");
});

Deno.test("changes of other places wait for nobody", async () => {
  await using rig = await createDataApp();
  const { promise, resolve } = Promise.withResolvers<void>();
  rig.stored.meanwhile = (call) => call.call === "set" && call.store === "notes" ? promise : undefined;
  const slow = rig.call("PUT", "notes", { as, json: { a: 1 } });
  assert.equal((await rig.call("PUT", "list", { as, json: [1] })).status, 201);
  assert.equal((await rig.call("PUT", "notes", { as: "marie", json: {} })).status, 201);
  resolve();
  assert.equal((await slow).status, 201);
});

/** What a change is answered when Prosody answers it like this, or does not. */
async function answered(rig: DataApp, answer: StoredAnswer | Problem, asked: Asked = { json: { a: 2 } }) {
  const { ask } = rig.stored;
  rig.stored.ask = async (host, call) => {
    if (call.call !== "set") return await ask(host, call);
    rig.stored.calls.push(call);
    if (answer instanceof Problem) throw answer;
    return answer;
  };
  try {
    return await rig.call("PUT", "notes", { as, ...asked });
  } finally {
    rig.stored.ask = ask;
  }
}

Deno.test("what Prosody could not do is told as it was", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/notes", "{a=1}");
  for (
    const [is, status, detail] of [
      ["altered", 422, /would not keep this as it is.*Nothing was changed/],
      ["too-large", 413, /tell as much back/],
      ["failed", 503, /its log tells why/],
      ["no-user", 404, /no such user/],
      ["stranger", 401, /wrong/],
      ["forbidden", 403, /admin/],
      ["nothing", 503, /not expected/],
    ] as const
  ) {
    const told = await answered(rig, { is });
    assert.equal(told.status, status, is);
    assert.match(told.json.detail, detail);
    if (status === 503) assert.match(told.headers.get("retry-after") ?? "", /^[1-9]/);
  }
  assert.deepEqual((await rig.call("GET", "/v1/data/john/notes/versions", { as })).json.versions, []);
});

Deno.test("a change whose answer did not come may have been made, says so, and can be undone", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/notes", "{a=1}");
  const late = new Problem(
    "store-unavailable",
    "Prosody did not answer in time. A change may have been made or not.",
  );
  const told = await answered(rig, late);
  assert.equal(told.status, 503);
  assert.match(told.json.detail, /may have been made/);
  assert.match(told.headers.get("retry-after") ?? "", /^[1-9]/);
  rig.stored.values.set("john/notes", "{a=2}"); // it had been
  assert.equal((await rig.call("POST", "/v1/data/john/notes/undo", { as })).status, 204);
  assert.equal(rig.stored.values.get("john/notes"), "{a=1}");
});

Deno.test("Prosody away is a 503 for everything, and nothing waits for the next", async () => {
  await using rig = await createDataApp();
  await rig.call("PUT", "notes", { as, json: { a: 1 } });
  rig.stored.isAway = true;
  for (const method of ["GET", "PUT", "POST", "DELETE"]) {
    const told = await rig.call(method, "notes", { as, ...(method.startsWith("P") && { json: { a: 2 } }) });
    assert.equal(told.status, 503, method);
    assert.match(told.headers.get("retry-after") ?? "", /^[1-9]/);
  }
  rig.stored.isAway = false;
  assert.equal((await rig.call("PUT", "notes", { as, json: { a: 3 } })).status, 201);
  assert.equal((await rig.call("PUT", "notes", { as, json: { a: 3 } })).status, 201);
  assert.equal(sets(rig), 2, "what is so already is not written");
});

Deno.test("no more than two hundred wait for their turn at one place; who comes then is told to come back", async () => {
  await using rig = await createDataApp();
  const { promise, resolve } = Promise.withResolvers<void>();
  await rig.call("GET", "notes", { as }); // logged in
  rig.stored.meanwhile = ({ call }) => call === "set" ? promise : undefined;
  const puts = Array.from({ length: 251 }, (_, i) => rig.call("PUT", "notes", { as, json: { i } }));
  const refused = Promise.withResolvers<void>();
  let busy = 0;
  for (const put of puts) put.then(({ status }) => status === 503 && ++busy === 50 && refused.resolve());
  await refused.promise;
  resolve();
  const statuses = Map.groupBy(await Promise.all(puts), ({ status }) => status);
  assert.deepEqual([statuses.get(201)?.length, statuses.get(503)?.length], [201, 50]);
  assert.match(statuses.get(503)?.[0]?.headers.get("retry-after") ?? "", /^[1-9]/);
  assert.equal(sets(rig), 201);
});
