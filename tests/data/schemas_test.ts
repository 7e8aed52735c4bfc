import assert from "node:assert/strict";
import { createDataApp } from "./rig.ts";

const as = "john";
const vcard = (...children: unknown[]) => ({
  ...{ name: "vCard", attr: { xmlns: "vcard-temp" } },
  ...(children.length > 0 && { __array: children }),
});
const bookmarks = (...children: unknown[]) => ({
  "storage:storage:bookmarks": {
    ...{ name: "storage", attr: { xmlns: "storage:bookmarks" } },
    ...(children.length > 0 && { __array: children }),
  },
});
const text = (name: string, value: string) => ({ name, attr: {}, __array: [value] });

Deno.test("what Prosody keeps as vcard, private XML and bookmarks is taken, and comes back as it was", async () => {
  await using rig = await createDataApp();
  for (
    const [store, json] of [
      ["vcard", vcard()],
      [
        "vcard",
        vcard("\n  ", text("FN", "Jörg & <Co>"), { name: "N", attr: {}, __array: [text("FAMILY", "Ø")] }),
      ],
      ["vcard", { ...vcard(), attr: { xmlns: "vcard-temp", "xml:lang": "de", "urn:x\u0001of": "y" } }],
      ["private", { "exodus:exodus:prefs": { name: "exodus", attr: { xmlns: "exodus:prefs" } } }],
      ["private", { "a:": { name: "a", attr: { xmlns: "" } } }],
      ["private", bookmarks()],
      [
        "private",
        bookmarks(
          "\n",
          {
            name: "conference",
            attr: { jid: "room@muc.example.org", name: "A room", autojoin: "true" },
            __array: [text("nick", "J")],
          },
          { name: "url", attr: { url: "https://example.org/", name: "Home" } },
        ),
      ],
    ] as const
  ) {
    const told = await rig.call("PUT", store, { as, json });
    assert.equal(told.status, 201, told.text);
    assert.deepEqual((await rig.call("GET", store, { as })).json, json);
  }
  const lua = '{ name = "vCard", attr = { xmlns = "vcard-temp" }, { name = "FN", attr = {}, "J" } }';
  assert.equal((await rig.call("PUT", "vcard", { as, lua })).status, 201);
  assert.equal((await rig.call("DELETE", "vcard", { as })).status, 204, "to remove it is always right");
});

/** What a JSON pointer leads to, or whose member it would be (RFC 6901). */
function leads(json: unknown, pointer: string): boolean {
  const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  let at = json;
  for (const [i, step] of steps.entries()) {
    if (typeof at !== "object" || at === null) return false;
    if (!Object.hasOwn(at, step)) return i === steps.length - 1;
    at = (at as Record<string, unknown>)[step];
  }
  return true;
}

Deno.test("what Prosody's modules could not read is refused, and the pointers lead to it", async () => {
  await using rig = await createDataApp();
  let deep: unknown = "x";
  for (let i = 0; i < 29; i++) deep = { name: "x", attr: {}, __array: [deep] };
  const room = (attr: unknown) => bookmarks(text("url", "x"), { name: "conference", attr });
  for (
    const [store, json, ...pointers] of [
      ["vcard", { a: 1 }, "/name", "/attr", "/a"],
      ["vcard", ["x"], "/name", "/attr"],
      ["vcard", { name: "vcard", attr: { xmlns: "vcard-temp" } }, "/name"],
      ["vcard", { name: "vCard", attr: { xmlns: "vcard" } }, "/attr/xmlns"],
      ["vcard", { name: "vCard", attr: {} }, "/attr/xmlns"],
      ["vcard", { name: "vCard", attr: "x" }, "/attr"],
      ["vcard", { name: "vCard" }, "/attr"],
      ["vcard", vcard("x", 1), "/__array/1"],
      ["vcard", vcard({ name: "F N", attr: {} }), "/__array/0/name"],
      ["vcard", vcard("x", { name: "N", attr: {}, __array: [text("1", "x")] }), "/__array/1/__array/0/name"],
      ["vcard", vcard(["x"]), "/__array/0/name", "/__array/0/attr"],
      ["vcard", vcard({ name: "N", attr: {}, __array: ["\u0000"] }), "/__array/0/__array/0"],
      ["vcard", vcard({ name: "N", attr: { a: 1 } }), "/__array/0/attr/a"],
      ["vcard", vcard({ name: "N", attr: { "a b": "x" } }), "/__array/0/attr"],
      ["vcard", vcard({ name: "N", attr: { "a~b/c": "\u0001" } }), "/__array/0/attr"],
      ["vcard", { ...vcard("x"), extra: 1 }, "/extra"],
      ["vcard", { ...vcard("x"), __hash: [true, 1] }, "/__hash"],
      ["private", { nothing: { name: "x", attr: {} } }, "/nothing"],
      ["private", { "a/b~c": 1 }, "/a~1b~0c"],
      ["private", { ":x": { name: "", attr: { xmlns: "x" } } }, "/:x"],
      ["private", { "a:x": "text" }, "/a:x"],
      ["private", { "a:x": { name: "b", attr: { xmlns: "y" } } }, "/a:x/name", "/a:x/attr/xmlns"],
      ["private", { "a:http://x": { name: "a", attr: {} } }, "/a:http:~1~1x/attr/xmlns"],
      ["private", ["x"], "/0"],
      ["private", { __hash: [3, "x"] }, "/__hash"],
      ["private", room({ jid: "muc.example.org" }), "/storage:storage:bookmarks/__array/1/attr/jid"],
      ["private", room({}), "/storage:storage:bookmarks/__array/1/attr/jid"],
      ["private", room({ jid: "a b@x" }), "/storage:storage:bookmarks/__array/1/attr/jid"],
      ["private", bookmarks(text("room", "x")), "/storage:storage:bookmarks/__array/0/name"],
    ] as [string, unknown, ...string[]][]
  ) {
    const told = await rig.refused(422, "PUT", store, { as, json });
    const errors: { pointer: string; detail: string }[] = told.json.errors;
    assert.deepEqual(errors.map(({ pointer }) => pointer), pointers, JSON.stringify(json));
    for (const { pointer } of errors) assert.ok(leads(json, pointer), pointer);
    assert.ok(errors.every(({ detail }) => detail.length > 10));
  }
  const nested = await rig.call("PUT", "vcard", { as, json: vcard(deep) });
  assert.equal(nested.status, 201, nested.text);
  const many = await rig.refused(422, "PUT", "private", {
    ...{ as, json: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`n${i}`, 1])) },
  });
  assert.equal(many.json.errors.length, 20);
});

Deno.test("a patch or an append is held to the schema as well", async () => {
  await using rig = await createDataApp();
  rig.stored.values.set("john/vcard", '{attr={xmlns="vcard-temp"},name="vCard"}');
  const patch = { as, json: { name: "other" }, headers: { "content-type": "application/merge-patch+json" } };
  await rig.refused(422, "PATCH", "vcard", patch);
  await rig.refused(409, "POST", "vcard", { as, json: "x" });
  rig.stored.values.delete("john/vcard");
  await rig.refused(422, "POST", "vcard", { as, json: "x" });
});
