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
