import assert from "node:assert/strict";
import { createDataApp } from "./rig.ts";

const as = "john";
const merge = { "content-type": "application/merge-patch+json" };
const ops = { "content-type": "application/json-patch+json" };
type Json = unknown;

Deno.test("what is no patch is refused with its places", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/notes", "{a=1}");
  for (
    const [json, at] of [
      [{ op: "add", path: "/a", value: 1 }, ""],
      ["text", ""],
      [[{ op: "add", path: "/a" }], "/0/value"],
      [[{ op: "replace", path: "/a" }], "/0/value"],
      [[{ op: "test", path: "/a" }], "/0/value"],
      [[{ op: "copy", path: "/a" }], "/0/from"],
      [[{ op: "move", path: "/a" }], "/0/from"],
      [[{ op: "add", value: 1 }], "/0/path"],
      [[{ op: "add", path: "a", value: 1 }], "/0/path"],
      [[{ op: "add", path: "/a~2", value: 1 }], "/0/path"],
      [[{ op: "add", path: "/a~", value: 1 }], "/0/path"],
      [[{ op: "add", path: 1, value: 1 }], "/0/path"],
      [[{ op: "test", path: "/a", value: 1 }, { op: "spoil", path: "/a" }], "/1/op"],
      [[null], "/0"],
      [Array.from({ length: 101 }, () => ({ op: "remove", path: "/a" })), ""],
    ] as [Json, string][]
  ) {
    const told = await rig.refused(422, "PATCH", "notes", { as, json, headers: ops });
    assert.equal(told.json.errors[0].pointer, at, told.text);
    assert.ok(told.json.errors.length <= 20);
  }
  await rig.refused(400, "PATCH", "notes", { as, body: "[", headers: ops });
  await rig.refused(422, "PATCH", "notes", { as, body: '{"a":"\\ud800"}', headers: merge });
  await rig.refused(422, "PATCH", "notes", { as, body: '{"a":1e999}', headers: merge });
  await rig.refused(422, "PATCH", "notes", { as, body: '{"__null":1}', headers: merge });
  await rig.refused(404, "PATCH", "list", { as, json: [], headers: ops });
});

Deno.test("numbers are exact, those in the patch and those that it does not touch", async () => {
  await using rig = await createDataApp();
  const kept = '{a=9007199254740993,b=-9007199254740995,c=0.1,d=-0.0,s="x:1234567890123456789"}';
  for (
    const [body, headers] of [
      ['{"n":9007199254740995}', merge],
      ['[{"op":"add","path":"/n","value":9007199254740995}]', ops],
      [
        '[{"op":"test","path":"/a","value":9007199254740993},{"op":"add","path":"/n","value":9007199254740995}]',
        ops,
      ],
    ] as const
  ) {
    rig.stored.values.set("john/notes", kept);
    const told = await rig.call("PATCH", "notes", { as, body, headers });
    assert.equal(told.status, 204, told.text);
    assert.equal(rig.stored.values.get("john/notes"), kept.replace(",s=", ",n=9007199254740995,s="));
  }
  rig.stored.values.set("john/notes", "{a=100000000000000000}");
  const same = '[{"op":"test","path":"/a","value":1e17}]';
  assert.equal((await rig.call("PATCH", "notes", { as, body: same, headers: ops })).status, 204);
  const wrong = '[{"op":"test","path":"/a","value":100000000000000001}]';
  assert.equal((await rig.call("PATCH", "notes", { as, body: wrong, headers: ops })).status, 409);
  const large = '{"n":9223372036854775808}';
  assert.equal((await rig.call("PATCH", "notes", { as, body: large, headers: merge })).status, 422);
});

Deno.test("a patch that is tried again begins anew", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/notes", "{n=0}");
  let n = 0;
  rig.stored.meanwhile = ({ call }) => {
    if (call === "set" && n < 3) rig.stored.values.set("john/notes", `{n=${++n}}`);
  };
  const json = [
    { op: "add", path: "/list", value: { items: [] } },
    { op: "add", path: "/list/items/-", value: "one" },
  ];
  const told = await rig.call("PATCH", "notes", { as, json, headers: ops });
  assert.deepEqual([told.status, rig.stored.values.get("john/notes")], [204, '{list={items={"one"}},n=3}']);
});

Deno.test("no patch holds up others for long, or makes much of little", async () => {
  await using rig = await createDataApp();
  const items = Array.from({ length: 19_000 }, (_, i) => i);
  const doubled = Array.from({ length: 100 }, () => ({ op: "copy", from: "/it", path: "/it/-" }));
  const long = JSON.stringify(items.map((n) => n + 1));
  const longest: number[] = [];
  for (
    const [json, status] of [
      [doubled, 413],
      [JSON.parse(`[{"op":"test","path":"/it","value":${long}}]`), 409],
      [Array.from({ length: 100 }, () => ({ op: "move", from: "/it/0", path: "/it/-" })), 204],
      [Array.from({ length: 100 }, () => ({ op: "add", path: "/it/0", value: 0 })), 204],
      [Array.from({ length: 100 }, () => ({ op: "copy", from: "/it", path: "/it" })), 413],
      [Array.from({ length: 100 }, () => ({ op: "remove", path: `/it${"/0".repeat(2_000)}` })), 409],
    ] as [Json, number][]
  ) {
    assert.equal((await rig.call("PUT", "notes", { as, json: { it: items } })).status, 201);
    let [last, worst] = [performance.now(), 0];
    const timer = setInterval(() => {
      worst = Math.max(worst, performance.now() - last);
      last = performance.now();
    }, 1);
    const told = await rig.call("PATCH", "notes", { as, json, headers: ops });
    await new Promise((resolve) => setTimeout(resolve, 2)); // the last stretch is measured too
    clearInterval(timer);
    longest.push(worst);
    assert.equal(told.status, status, told.text);
  }
  assert.ok(Math.max(...longest) < 1_000, longest.map(Math.round).join()); // ms; quadratic ones took minutes
});
