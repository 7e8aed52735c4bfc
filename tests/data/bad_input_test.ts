import assert from "node:assert/strict";
import { createDataApp } from "./rig.ts";

const as = "john";
const type = (text: string) => ({ "content-type": text });
const many = (n: number, item: string) => Array.from({ length: n }, () => item).join(",");

Deno.test("a body that is no JSON within limits is refused with the place, and nothing is written", async () => {
  await using rig = await createDataApp();
  for (
    const [status, body, reason] of [
      [400, "", /ends where a value was expected/],
      [400, " ", /ends where/],
      [400, '{"a":', /line 1, column 6/],
      [400, '{"a":1}}', /column 8/],
      [400, '{"a":1} {"b":2}', /nothing more/],
      [400, "{'a':1}", /a name in quotes/],
      [400, "[1,]", /a value/],
      [400, "NaN", /is not JSON/],
      [400, '{"a":NaN}', /is not JSON/],
      [400, '{"a":Infinity}', /is not JSON/],
      [400, '{"a":01}', /is not JSON/],
      [400, '{"a":"\u0001"}', /a string has no end, or holds what it may not/],
      [400, '{"a":1,"a":2}', /names a member twice/],
      [400, '{"a":1,"\\u0061":2}', /names a member twice/],
      [400, "[".repeat(200) + "]".repeat(200), /more than 129 levels/],
      [400, "[".repeat(65) + "1" + "]".repeat(65), /nested more than 64 levels/],
      [400, `[${many(50_001, "1")}]`, /more than 50000 values/],
      [400, `{${Array.from({ length: 10_001 }, (_, i) => `"k${i}":1`)}}`, /more than 10000 different names/],
      [400, new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /not UTF-8 at byte 3/],
      [400, new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), /not UTF-8 at byte 1/],
      [422, '"text"', /an object or a list/],
      [422, "1", /an object or a list/],
      [422, "true", /an object or a list/],
      [422, '{"__bytes":"/w=="}', /an object or a list/],
      [422, '{"__number":"inf"}', /an object or a list/],
      [422, '{"a":"\\ud800"}', /^\/a: a lone surrogate/],
      [422, '{"\\udc00":1}', /a lone surrogate/],
      [422, '{"a":1e999}', /Lua keeps no number as large/],
      [422, '{"a":9223372036854775808}', /Lua keeps no number as large/],
      [422, '{"a":{"__null":true}}', /^\/a\/__null: this name is reserved/],
      [422, '{"__list":true}', /reserved/],
      [422, '{"a":{"__bytes":"!"}}', /no base64/],
      [422, '{"a":{"__number":"one"}}', /"inf", "-inf" or "nan"/],
      [422, '{"__hash":[1]}', /a key without a value/],
      [422, '{"__hash":[[],1]}', /cannot be a key/],
      [422, '{"__array":[1],"__hash":[1,2]}', /this key already/],
    ] as const
  ) {
    const said = String(body).slice(0, 40);
    const told = await rig.refused(status, "PUT", "notes", { as, body });
    assert.match(told.json.detail, reason, said);
    const path = "/v1/data/john/list";
    assert.equal(
      (await rig.refused(status < 422 ? 400 : 422, "PUT", path, { as, body })).status,
      status,
      said,
    );
  }
  await rig.refused(422, "POST", "list", { as, body: "null" });
  const long = await rig.refused(422, "PUT", "notes", { as, json: { ["x".repeat(5_000)]: "\ud800" } });
  assert.ok(long.text.length < 1_500, "what was sent is not sent back whole");
  assert.deepEqual(long.json.errors?.[0].detail, "a lone surrogate is no character");
});

Deno.test("a text in Lua is one literal, read and never run", async () => {
  await using rig = await createDataApp();
  for (
    const [status, lua, reason] of [
      [400, "", /a value was expected/],
      [400, "return {}", /a value was expected, without "return"/],
      [400, "{a=1} {b=2}", /the end was expected/],
      [400, "{a=1};", /the end was expected/],
      [400, "{a=1", /"," or "}" was expected/],
      [400, "{a=1\nb=2}", /^Line 2/],
      [400, "{a=os.exit()}", /a value was expected/],
      [400, "{a=print}", /a value was expected/],
      [400, "{a=(function() end)()}", /./],
      [400, '{a=("x"):rep(1e9)}', /./],
      [400, "{a=1+1}", /"," or "}" was expected/],
      [400, '{a="x".."y"}', /./],
      [400, "{...}", /./],
      [400, "{[{}]=1}", /cannot be a key/],
      [400, "{[nil]=1}", /cannot be a key/],
      [400, "{a=1,a=2}", /this key already/],
      [400, "{1,[1]=2}", /this key already/],
      [400, '{a="\\q"}', /this is not Lua/],
      [400, '{a="x\n"}', /this is not Lua/],
      [400, "{a=[[x}", /./],
      [400, "\u001bLua", /this is not Lua/],
      [400, "\ufeff{a=1}", /this is not Lua/],
      [400, "#!/usr/bin/lua\n{a=1}", /./],
      [400, `${"{".repeat(65)}${"}".repeat(65)}`, /more than 64 levels/],
      [400, `{${many(100_001, "1")}}`, /more than 100000 values/],
      [400, `{[${"=".repeat(20_000)}[${"]".repeat(20_000)}`, /Long brackets/],
      [422, '"text"', /an object or a list/],
      [422, "(0/0)", /an object or a list/],
    ] as const
  ) {
    const told = await rig.refused(status, "PUT", "notes", { as, lua });
    assert.match(told.json.detail, reason, lua.slice(0, 40));
  }
  for (
    const [lua, kept] of [
      ["{a=1}", "{a=1}"],
      ["-- a comment\n{ a = 1; --[==[ another ]==] 'b' }", '{"b",a=1}'],
      [`{["while"]=0x10,[1.0]=2,x=[[\nlong]]}`, '{2,["while"]=16,x="long"}'],
      ["{a='\\u{e4}\\255', b=math.huge, c=-(0/0)}", '{a="\\195\\164\\255",b=(1/0),c=(0/0)}'],
      ["{9007199254740993, 0x8000000000000000, 0.1}", "{9007199254740993,0x8000000000000000,0.1}"],
    ] as const
  ) {
    const told = await rig.call("PUT", "notes", { as, lua });
    assert.deepEqual([told.status, rig.stored.values.get("john/notes")], [201, kept], told.text);
  }
});

Deno.test("the type of a body is looked at, its parameters and case are not", async () => {
  await using rig = await createDataApp();
  for (
    const said of [
      ...[
        "text/plain",
        "application/xml",
        "application/jsonx",
        "json",
        "",
        ";",
        "application/json, text/x-lua",
      ],
      ...[
        "application/merge-patch+json",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
      ],
    ]
  ) {
    const told = await rig.refused(415, "PUT", "notes", { as, body: "{}", headers: type(said) });
    assert.match(told.json.detail, /application\/json` or `text\/x-lua`/);
    await rig.refused(415, "POST", "list", { as, body: "{}", headers: type(said) });
  }
  await rig.refused(415, "PUT", "notes", { as });
  const patch = await rig.refused(415, "PATCH", "notes", { as, body: "{}" });
  assert.match(patch.json.detail, /application\/merge-patch\+json` or `application\/json-patch\+json`/);
  for (
    const said of [
      "application/json; charset=utf-8",
      "APPLICATION/JSON",
      " application/json ;x=y",
      "application/json;",
    ]
  ) {
    assert.equal(
      (await rig.call("PUT", "notes", { as, body: '{"a":1}', headers: type(said) })).status,
      201,
      said,
    );
  }
  const lua = await rig.call("PUT", "notes", {
    as,
    body: "{a=1}",
    headers: type("Text/X-LUA; Charset=UTF-8"),
  });
  assert.equal(lua.status, 201);
});

Deno.test("a body that is too large, or breaks off, changes nothing", async () => {
  await using rig = await createDataApp();
  const large = JSON.stringify({ a: "x".repeat(1 << 19) });
  const announced = { "content-length": String(large.length) };
  const told = await rig.refused(413, "PUT", "notes", { as, body: large, headers: announced });
  assert.match(told.json.detail, /524288 bytes/);
  await rig.refused(413, "PUT", "/v1/data/john/notes", { as, body: large });
  const streamed = ReadableStream.from([large.slice(0, 5_000), large.slice(5_000)])
    .pipeThrough(new TextEncoderStream());
  await rig.refused(413, "PUT", "notes", { as, body: streamed });
  const broken = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"a":1')),
    pull: (controller) => controller.error(new Error("the line broke")),
  });
  const end = await rig.refused(400, "PUT", "notes", { as, body: broken });
  assert.match(end.json.detail, /did not come to its end/);
  // What is short in JSON may be long as Prosody is told it, and must be told back.
  for (const text of ["\u0001", "&", "<", "é"]) {
    const json = { a: text.repeat(Math.floor(250_000 / JSON.stringify(text).slice(1, -1).length)) };
    const size = text === "\u0001" ? 201 : 413; // \u0001 is longer in JSON than in Lua
    const { status } = await rig.call("PUT", "notes", { as, body: JSON.stringify(json) });
    assert.equal(status, size, text);
  }
  assert.equal(rig.stored.values.get("john/notes")?.length, 4 * Math.floor(250_000 / 6) + 6);
});

Deno.test("who may not write has no body read", async () => {
  await using rig = await createDataApp();
  const key = await rig.app.key({ scopes: ["data:read"] });
  for (
    const [status, path, asked] of [
      [401, "notes", {}],
      [401, "notes", { as: "john@example.org:wrong" }],
      [403, "accounts", { as }],
      [403, "example.org/marie/notes", { as }],
      [403, "example.org/john/notes", { key }],
    ] as const
  ) {
    let pulled = 0;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(++pulled)),
    }, { highWaterMark: 0 });
    await rig.refused(status, "PUT", path, { ...asked, body });
    await rig.refused(status, "PATCH", path, { ...asked, body: "{}" });
    assert.ok(pulled <= 1, path); // what counts it takes one piece ahead
  }
});
