import assert from "node:assert/strict";
import fc from "fast-check";
import { parseJson, usualLimits } from "../../src/core/json.ts";
import { fromJson, luaOfJson, toJson, widened } from "../../src/core/lua_json.ts";
import { luaEqual, type LuaValue } from "../../src/core/lua_value.ts";
import { bytesOf, canonical, list, luaValue, table } from "./lua_values.ts";

const read = (text: string) => fromJson(bytesOf(text));

/** Where it is wrong. */
function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    const { code, faults } = error as { code?: string; faults?: { at: string }[] };
    assert.equal(code, "invalid", String(error));
    assert.equal(faults?.length, 1);
    return faults[0]!.at;
  }
  throw new Error(`${text} was read`);
}

/** JSON of every kind without a reserved name, as text: JavaScript's own objects cannot hold all of it. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom("", "__proto__", "1", "__", "\ufeff"),
);
const blank = fc.constantFrom("", "", "", " ", "\n\t");
const json = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    text.map((text) => JSON.stringify(text)),
    text.map((text) => `"${escaped(text)}"`),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((float) => float.toExponential()),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(String),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.integer().map(String),
    fc.constantFrom(
      "null",
      "true",
      "false",
      "[]",
      "{}",
      "-0",
      "-0.0",
      "1E2",
      "1e300",
      "9007199254740993",
      "1.0e22",
    ),
    fc.array(tie("json"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
    fc.uniqueArray(fc.tuple(text, blank, tie("json")), { maxLength: 4, selector: ([name]) => name }).map((
      members,
    ) =>
      `{${
        members.map(([name, blank, value]) => `${JSON.stringify(name)}${blank}:${blank}${value}`).join(",")
      }}`
    ),
  ),
})).json;

/** Each UTF-16 unit by its number. */
const escaped = (text: string) =>
  Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`)
    .join("");

Deno.test("every Lua value comes back from JSON as it was", () => {
  fc.assert(
    fc.property(luaValue, (value) => {
      const text = toJson(value);
      assert.doesNotThrow(() => JSON.parse(text));
      const back = read(text);
      assert.ok(luaEqual(back, value), text);
      assert.equal(canonical(back), canonical(value));
      assert.equal(toJson(back), text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("every JSON without reserved names comes back as it was", () => {
  fc.assert(
    fc.property(json, (text) => {
      const back = toJson(read(text));
      assert.deepEqual(JSON.parse(back), JSON.parse(text));
      assert.equal(toJson(read(back)), back);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("what is the same table is the same JSON, whatever order its keys came in", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.integer())), (fields) => {
    const unique = [...new Map(fields)];
    assert.equal(toJson(new Map(unique)), toJson(new Map(unique.toReversed())));
  }));
});

Deno.test("each kind of value has its spelling", () => {
  const spelled: [LuaValue, string][] = [
    ["é\n\u007f", '"é\\n\u007f"'],
    [list(1, true, "x"), '[1,true,"x"]'],
    [table(), "{}"],
    [table(["b", 1], ["a", list()]), '{"a":{},"b":1}'],
    [list(list()), "[{}]"],
    [table([2, "b"]), '{"__hash":[2,"b"]}'],
    [
      table(["b", 1], [2, "y"], [1, "x"], [4, "z"], [false, 0]),
      '{"__array":["x","y"],"b":1,"__hash":[4,"z",false,0]}',
    ],
    [table(["__null", true]), "null"],
    [table(["__list", true]), "[]"],
    [table(["__null", false]), '{"__hash":["__null",false]}'],
    [table(["__null", true], ["a", 1]), '{"a":1,"__hash":["__null",true]}'],
    [table(["__bytes", "/w=="]), '{"__hash":["__bytes","/w=="]}'],
    [Uint8Array.of(0xff), '{"__bytes":"/w=="}'],
    [table([Uint8Array.of(0xff), 1]), '{"__hash":[{"__bytes":"/w=="},1]}'],
    [list(Infinity, -Infinity, NaN), '[{"__number":"inf"},{"__number":"-inf"},{"__number":"nan"}]'],
    [table([Infinity, 1]), '{"__hash":[{"__number":"inf"},1]}'],
    [table(["__proto__", table(["x", 1])]), '{"__proto__":{"x":1}}'],
    [2n ** 63n - 1n, "9223372036854775807"],
    [-(2n ** 63n), "-9223372036854775808"],
    [2n ** 53n + 1n, "9007199254740993"],
    [2 ** 62, "4611686018427387904"],
    [2 ** 63, "9.223372036854776e+18"],
    [table([2n ** 63n - 1n, 1], [2 ** 63, 2]), '{"__hash":[9223372036854775807,1,9.223372036854776e+18,2]}'],
    [0.1, "0.1"],
  ];
  for (const [value, text] of spelled) {
    assert.equal(toJson(value), text);
    assert.equal(canonical(read(text)), canonical(value), text);
  }
  assert.equal(({} as Record<string, unknown>).x, undefined);
});

Deno.test("what others might write is understood: bytes that are text, a list or keys alone", () => {
  assert.equal(read('{"__bytes":"YQ=="}'), "a");
  assert.ok(luaEqual(read('{"__array":[1]}'), list(1)));
  assert.ok(luaEqual(read('{"__hash":["a",1,1,2]}'), table(["a", 1], [1, 2])));
});

Deno.test("a reserved name that says nothing known is refused where it stands", () => {
  for (
    const [text, at] of [
      ['{"__null":true}', "/__null"],
      ['{"a":[{"__list":true}]}', "/a/0/__list"],
      ['{"a~/b":{"__null":1,"c":2}}', "/a~0~1b/__null"],
      ['{"__bytes":"/w==","a":1}', "/__bytes"],
      ...["/w", "/w=", "/x==", "/w== ", "_w==", "é"].map((text) => [`[{"__bytes":"${text}"}]`, "/0/__bytes"]),
      ['{"__bytes":1}', "/__bytes"],
      ['{"__bytes":null}', "/__bytes"],
      ['{"__number":"1"}', "/__number"],
      ['{"__number":1}', "/__number"],
      ['{"__number":"inf","__bytes":""}', "/__number"],
      ['{"__array":{}}', "/__array"],
      ['{"__array":null}', "/__array"],
      ['{"__hash":{}}', "/__hash"],
      ['{"__hash":[1]}', "/__hash"],
      ['{"__hash":[null,1]}', "/__hash/0"],
      ['{"__hash":[1,1,{"__number":"nan"},1]}', "/__hash/2"],
      ['{"__hash":[[],1]}', "/__hash/0"],
      ['{"a":1,"__hash":["a",1]}', "/__hash/0"],
      ['{"__array":[1],"__hash":[1,1]}', "/__hash/0"],
      ['{"__hash":[9007199254740993,1,9007199254740993,1]}', "/__hash/2"],
      ['{"__hash":[1152921504606846976,1,1.152921504606846976e18,1]}', "/__hash/2"],
      ['{"__hash":[1e300,1,1e300,1]}', "/__hash/2"],
      ['{"__hash":[{"__bytes":"/w=="},1,{"__bytes":"/w=="},1]}', "/__hash/2"],
      ['{"__hash":[1,{"__null":1}]}', "/__hash/1/__null"],
    ] as const
  ) assert.equal(refusal(text as string), at, text as string);
});

Deno.test("integers are exact to 64 bits; what is beyond, or half a character, is refused where it stands", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
      assert.ok(luaEqual(read(`[${integer}]`), list(integer)));
      assert.equal(toJson(read(`[${integer}]`)), `[${integer}]`);
    }),
  );
  for (
    const [text, at] of [
      [`{"a":${2n ** 63n}}`, "/a"],
      [`[1,${-(2n ** 63n) - 1n}]`, "/1"],
      [`[${"9".repeat(400)}]`, "/0"],
      [`[${"9".repeat(100_000)}]`, "/0"],
      ["[-1e400]", "/0"],
      ['["\\ud800"]', "/0"],
      ['{"x":{"\\udc00a":1}}', "/x/\ufffda"],
    ] as const
  ) assert.equal(refusal(text), at);
  assert.equal(read("1e300"), 1e300);
  assert.equal(
    toJson(read("[9007199254740993,0.1,1e16,12345678901234567890.0]")),
    "[9007199254740993,0.1,10000000000000000,1.2345678901234567e+19]",
  );
});

Deno.test("tables are 64 levels deep at most, of every kind, both ways", () => {
  const nested = (depth: number, start: string, middle: string, end: string) =>
    start.repeat(depth) + middle + end.repeat(depth);
  for (
    const [start, end] of [["[", "]"], ['{"a":', "}"], ['{"__hash":[0,', "]}"], [
      '{"a":1,"__array":[',
      "]}",
    ]] as const
  ) {
    for (const inner of ["1", '{"__bytes":"/w=="}', '{"__number":"nan"}']) {
      const text = nested(64, start, inner, end);
      assert.equal(JSON.stringify(JSON.parse(toJson(read(text)))).length, text.length);
      assert.throws(() => read(nested(65, start, inner, end)), { code: "bad-request" });
    }
    for (const inner of ["{}", "[]", "null"]) {
      assert.equal(toJson(read(nested(63, start, inner, end))).length, nested(63, start, inner, end).length);
      assert.throws(() => read(nested(64, start, inner, end)), { code: "bad-request" });
    }
  }
  assert.throws(() => read("[".repeat(1 << 20)), { code: "bad-request" });
  let deep = list(1);
  for (let i = 1; i < 64; i++) deep = list(deep);
  assert.ok(luaEqual(read(toJson(deep)), deep));
  assert.throws(() => toJson(list(deep)), { code: "invalid" });
});

Deno.test("what is no JSON is a bad request: also a member twice, and too many values", () => {
  for (const text of ["", "{", '{"a":1,"a":2}', "NaN", "[1,]", "'a'"]) {
    assert.throws(() => read(text), { code: "bad-request" }, text);
  }
  assert.throws(() => fromJson(Uint8Array.of(0x22, 0xff, 0x22)), { code: "bad-request" });
  assert.throws(() => fromJson(bytesOf("[1,2]"), { depth: 1, values: 2, names: 1 }), { code: "bad-request" });
});

Deno.test("keys that are numbers, which can be chosen to be in each other's way, are few; places in a list are not", () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => -i);
  const hash = (count: number) => `{"__hash":[${numbers(count).map((key) => `${key},1`).join(",")}]}`;
  const names = (count: number) => `{${numbers(count).map((key) => `"${-key}":1`).join(",")}}`;
  for (const text of [hash, names]) {
    assert.ok(read(text(1_000)) instanceof Map);
    assert.throws(() => read(text(1_001)), { code: "bad-request" });
  }
  assert.ok(read(`[${numbers(9_000).join(",")}]`) instanceof Map);
});

Deno.test("what has been parsed in slices is the same", async () => {
  const text = `[${Array.from({ length: 10_000 }, (_, i) => `${2n ** 60n + BigInt(i)}`).join(",")}]`;
  const bytes = bytesOf(text);
  assert.equal(toJson(luaOfJson(await parseJson(bytes, widened(usualLimits)), bytes)), text);
});

Deno.test("what JSON has no word for is not written", () => {
  for (const value of [undefined, "\ud800", table(["\udc00", 1]), 2n ** 63n, new Map([[NaN, 1]])]) {
    assert.throws(() => toJson(value), { code: "invalid" });
  }
});
