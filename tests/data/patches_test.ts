import assert from "node:assert/strict";
import { createDataApp, type DataApp } from "./rig.ts";

const as = "john";
const merge = { "content-type": "application/merge-patch+json" };
const ops = { "content-type": "application/json-patch+json" };
type Json = unknown;

/** What a patch makes of a document that is a member of what is stored, or the status that refuses it. */
async function patched(rig: DataApp, kind: "merge" | "ops", document: Json, patch: Json): Promise<Json> {
  const wrap = (at: string) => `/it${at}`;
  const body = kind === "merge" ? { it: patch } : (patch as Record<string, Json>[]).map((one) => ({
    ...one,
    ...("path" in one && { path: wrap(String(one.path)) }),
    ...("from" in one && { from: wrap(String(one.from)) }),
  }));
  assert.equal((await rig.call("PUT", "notes", { as, json: { it: document, keep: 1 } })).status, 201);
  const before = rig.stored.values.get("john/notes");
  const told = await rig.call("PATCH", "notes", { as, json: body, headers: kind === "merge" ? merge : ops });
  if (told.status !== 204) {
    assert.equal(rig.stored.values.get("john/notes"), before, "nothing was written");
    assert.ok(told.json.detail.length > 10);
    return told.status;
  }
  const { json } = await rig.call("GET", "notes", { as });
  assert.equal(json.keep, 1);
  return json.it;
}

Deno.test("a merge patch does what the table of RFC 7396 says", async () => {
  await using rig = await createDataApp();
  const a = "a";
  for (
    const [document, patch, result] of [
      [{ a: "b" }, { a: "c" }, { a: "c" }],
      [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
      [{ a: "b" }, { a: null }, {}],
      [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
      [{ a: ["b"] }, { a: "c" }, { a: "c" }],
      [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
      [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
      [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
      [[a, "b"], ["c", "d"], ["c", "d"]],
      [{ a: "b" }, ["c"], ["c"]],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [[1, 2], { a: "b", c: null }, { a: "b" }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
      [{ a: "foo" }, "bar", "bar"],
      [{ a: "foo" }, null, undefined],
    ] as [Json, Json, Json][]
  ) {
    assert.deepEqual(await patched(rig, "merge", document, patch), result, JSON.stringify([document, patch]));
  }
  const whole = await rig.call("PATCH", "notes", { as, body: "null", headers: merge });
  assert.deepEqual([whole.status, rig.stored.values.has("john/notes")], [204, false], "null as the whole");
  const made = await rig.call("PATCH", "notes", { as, json: { a: 1, b: null }, headers: merge });
  assert.deepEqual([made.status, rig.stored.values.get("john/notes")], [204, "{a=1}"], "of nothing");
  for (const json of ["text", 1, true]) {
    await rig.call("PATCH", "notes", { as, json, headers: merge })
      .then(({ status }) => assert.equal(status, 422));
  }
});

Deno.test("a JSON patch does what the examples of RFC 6902 say", async () => {
  await using rig = await createDataApp();
  const foo = { foo: "bar" };
  for (
    const [name, document, patch, result] of [
      ["A.1", foo, [{ op: "add", path: "/baz", value: "qux" }], { baz: "qux", foo: "bar" }],
      ["A.2", { foo: ["bar", "baz"] }, [{ op: "add", path: "/foo/1", value: "qux" }], {
        foo: ["bar", "qux", "baz"],
      }],
      ["A.3", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], foo],
      ["A.4", { foo: ["bar", "qux", "baz"] }, [{ op: "remove", path: "/foo/1" }], { foo: ["bar", "baz"] }],
      ["A.5", { baz: "qux" }, [{ op: "replace", path: "/baz", value: "boo" }], { baz: "boo" }],
      [
        "A.6",
        { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
        [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
        { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
      ],
      [
        "A.7",
        { foo: ["all", "grass", "cows", "eat"] },
        [{ op: "move", from: "/foo/1", path: "/foo/3" }],
        { foo: ["all", "cows", "eat", "grass"] },
      ],
      [
        "A.8",
        { baz: "qux", foo: ["a", 2, "c"] },
        [{ op: "test", path: "/baz", value: "qux" }, { op: "test", path: "/foo/1", value: 2 }],
        { baz: "qux", foo: ["a", 2, "c"] },
      ],
      ["A.9", { baz: "qux" }, [{ op: "test", path: "/baz", value: "bar" }], 409],
      ["A.10", foo, [{ op: "add", path: "/child", value: { grandchild: {} } }], {
        ...foo,
        child: { grandchild: {} },
      }],
      ["A.11", foo, [{ op: "add", path: "/baz", value: "qux", xyz: 123 }], { baz: "qux", foo: "bar" }],
      ["A.12", foo, [{ op: "add", path: "/baz/bat", value: "qux" }], 409],
      ["A.14", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
      ["A.15", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: "10" }], 409],
      ["A.16", { foo: ["bar"] }, [{ op: "add", path: "/foo/-", value: ["abc", "def"] }], {
        foo: ["bar", ["abc", "def"]],
      }],
      ["the whole", foo, [{ op: "replace", path: "", value: [1] }], [1]],
      ["all or nothing", foo, [{ op: "remove", path: "/foo" }, { op: "remove", path: "/foo" }], 409],
      ["equal members", { a: { x: 1, y: [1, null] } }, [{
        op: "test",
        path: "/a",
        value: { y: [1, null], x: 1 },
      }], {
        a: { x: 1, y: [1, null] },
      }],
      ["a list is no object", { a: [1] }, [{ op: "test", path: "/a", value: { 0: 1 } }], 409],
      ["copies are copies", { a: { x: 1 } }, [
        { op: "copy", from: "/a", path: "/b" },
        { op: "add", path: "/b/y", value: 2 },
      ], { a: { x: 1 }, b: { x: 1, y: 2 } }],
      ["into itself", { a: { b: {} } }, [{ op: "move", from: "/a", path: "/a/b/c" }], 409],
      ["onto itself", { a: 1 }, [{ op: "move", from: "/a", path: "/a" }], { a: 1 }],
      ["a neighbour", { a: 1, ab: {} }, [{ op: "move", from: "/a", path: "/ab/c" }], { ab: { c: 1 } }],
      ["no names", { "": { "": 1 } }, [{ op: "replace", path: "//", value: 2 }], { "": { "": 2 } }],
      ["nothing to do", foo, [], foo],
    ] as [string, Json, Json, Json][]
  ) {
    assert.deepEqual(await patched(rig, "ops", document, patch), result, name);
  }
});

Deno.test("a pointer leads to members and items that are there, and nowhere else", async () => {
  await using rig = await createDataApp();
  const document = { list: [1, 2], text: "abc", none: null };
  for (
    const path of [
      ...[
        "/toString",
        "/constructor",
        "/__proto__",
        "/__proto__/x",
        "/constructor/prototype/x",
        "/hasOwnProperty",
      ],
      ...[
        "/list/length",
        "/list/2",
        "/list/-1",
        "/list/01",
        "/list/1e0",
        "/list/-",
        "/list/4294967295",
        "/list/x",
      ],
      ...[
        "/list/__proto__",
        "/list/9007199254740993",
        "/text/0",
        "/text/length",
        "/none/x",
        "/list/0/x",
        "/",
      ],
    ]
  ) {
    for (const op of ["remove", "replace", "test", "copy", "move"]) {
      const operation = op === "copy" || op === "move"
        ? { op, from: path, path: "/new" }
        : { op, path, value: 4_294_967_295 };
      assert.equal(await patched(rig, "ops", document, [operation]), 409, `${op} ${path}`);
    }
  }
  for (
    const path of [
      "/list/3",
      "/list/01",
      "/list/x",
      "/list/4294967295",
      "/text/0",
      "/none/x",
      "/a/b",
      "/list/0/x",
    ]
  ) {
    assert.equal(await patched(rig, "ops", document, [{ op: "add", path, value: 1 }]), 409, path);
    assert.equal(await patched(rig, "ops", document, [{ op: "copy", from: "/text", path }]), 409, path);
    assert.equal(await patched(rig, "ops", document, [{ op: "move", from: "/text", path }]), 409, path);
  }
  assert.equal(
    await patched(rig, "ops", document, [{ op: "add", path: "/__proto__/polluted", value: 1 }]),
    409,
  );
  for (const name of ["__proto__", "constructor", "prototype"]) { // as names they are as good as any
    const text = JSON.stringify({ [name]: 1 }).replace("__none", "__proto__");
    const added = await patched(rig, "ops", {}, [{ op: "add", path: `/${name}`, value: 1 }]);
    assert.equal(JSON.stringify(added), text);
    const body = `{"it":{"${name}":{"polluted":1}}}`;
    assert.equal((await rig.call("PATCH", "notes", { as, body, headers: merge })).status, 204);
    assert.equal((await rig.call("GET", "notes", { as })).text, `{"it":{"${name}":{"polluted":1}},"keep":1}`);
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

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
  const items = Array.from({ length: 40_000 }, (_, i) => i);
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
