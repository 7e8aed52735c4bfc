import assert from "node:assert/strict";
import { createDataApp } from "./rig.ts";

const as = "john";

Deno.test("odd but good JSON is kept exactly", async () => {
  await using rig = await createDataApp();
  for (
    const body of [
      '{"__proto__":{"x":1},"constructor":2,"toString":3,"hasOwnProperty":4}',
      '{"a":null,"b":[null,[],{"c":null}]}',
      '{"a":9007199254740993,"b":-9223372036854775808,"c":0.1,"d":1e-7}',
      '{"":1," ":2,"\\u0000":3,"ä\u{1f600}":"\u{1f600}\\u007f"}',
      '{"__array":[1,2],"x":{"__hash":[7,[{"__bytes":"//4="}],true,1]}}',
      '[[],[[]],0,false,""]',
      '{"a":{"__number":"nan"},"b":{"__number":"-inf"}}',
    ]
  ) {
    assert.equal((await rig.call("PUT", "notes", { as, body })).status, 201, body);
    const lua = await rig.call("GET", "notes/lua", { as });
    const json = await rig.call("GET", "notes", { as });
    assert.deepEqual(json.json, JSON.parse(body), body);
    const digits = /\d{16,}/g;
    assert.deepEqual(json.text.match(digits), body.match(digits), body);
    assert.equal((await rig.call("PUT", "list", { as, lua: lua.text })).status, 201, lua.text);
    assert.equal((await rig.call("GET", "list", { as })).text, json.text);
  }
  assert.equal(({} as Record<string, unknown>).x, undefined);
  const bom = await rig.call("PUT", "notes", { as, body: '\ufeff{"a":1}' });
  assert.deepEqual([bom.status, rig.stored.values.get("john/notes")], [201, "{a=1}"]);
});

Deno.test("nothing at all, in whatever words, removes what there is", async () => {
  await using rig = await createDataApp();
  for (const asked of [{ body: "{}" }, { body: "null" }, { lua: "{}" }, { lua: "nil" }, { lua: "{a=nil}" }]) {
    rig.stored.values.set("john/notes", "{a=1}");
    assert.equal((await rig.call("PUT", "notes", { as, ...asked })).status, 201);
    assert.equal(rig.stored.values.has("john/notes"), false, JSON.stringify(asked));
    assert.equal((await rig.call("GET", "notes", { as })).status, 404);
  }
});

Deno.test("POST begins a list, goes on with it, and spoils nothing that is none", async () => {
  await using rig = await createDataApp();
  const post = async (asked: Parameters<typeof rig.call>[2]) =>
    (await rig.call("POST", "list", { as, ...asked })).status;
  assert.equal((await rig.call("PUT", "list", { as, body: "[]" })).status, 201);
  assert.equal(await post({ json: [] }), 201, "an empty list is one to append to");
  assert.equal(await post({ lua: "{a=1}" }), 201);
  assert.equal(rig.stored.values.get("john/list"), "{{__list=true},{a=1}}");
  rig.stored.values.set("john/list", "{a=1}");
  assert.equal(await post({ json: 1 }), 409);
  assert.equal(rig.stored.values.get("john/list"), "{a=1}");
  rig.stored.values.delete("john/list");
  rig.stored.lists.set("john/list", "{{x=1},{x=2}}");
  assert.equal(await post({ json: 3 }), 201);
  assert.equal(rig.stored.values.get("john/list"), "{{x=1},{x=2},3}");
  rig.stored.values.delete("john/list");
  rig.stored.lists.set("john/list", '{{name="message",attr={}}}');
  assert.equal(await post({ json: 3 }), 409, "stanzas are Prosody's own");
  assert.equal((await rig.call("PUT", "list", { as, json: [] })).status, 409);
  assert.equal((await rig.call("DELETE", "list", { as })).status, 204);
  assert.equal(rig.stored.lists.size, 0);
});
