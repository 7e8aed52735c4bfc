import assert from "node:assert/strict";
import fc from "fast-check";
import { parseLua, writeLua } from "../../src/core/lua_text.ts";
import { fieldsOf, luaEqual, type LuaKey, type LuaValue } from "../../src/core/lua_value.ts";
import { bytesOf, canonical, list, luaValue, table } from "./lua_values.ts";

const read = (text: string, limits = {}) => parseLua(bytesOf(text), limits);

/** Why it is refused. */
function refusal(text: string, limits = {}): string {
  try {
    read(text, limits);
  } catch (error) {
    const { code, detail } = error as { code?: string; detail?: string };
    assert.equal(code, "bad-request", String(error));
    return detail ?? "";
  }
  throw new Error("it was read");
}

Deno.test("what is written in either style is read as the same, and from the wire written again as it was", () => {
  fc.assert(
    fc.property(luaValue, fc.constantFrom("file" as const, "wire" as const), (value, style) => {
      const text = writeLua(value, style);
      const back = read(text);
      assert.ok(luaEqual(back, value), text);
      assert.equal(canonical(back), canonical(value));
      if (style === "wire") assert.equal(writeLua(back, style), text); // from a file Lua reads -0 as 0
    }),
    { numRuns: 1000 },
  );
});

Deno.test("on the wire a value is one line of plain ASCII", () => {
  fc.assert(fc.property(luaValue, (value) => assert.match(writeLua(value, "wire"), /^[\x20-\x7e]*$/)));
  const value = table(["name", "é\n'"], [2, "b"], [1, "a"], ["end", 1.5], ["a b", true], [true, false], [
    -1,
    list(),
  ]);
  assert.equal(
    writeLua(value, "wire"),
    `{"a","b",[-1]={},["a b"]=true,["end"]=1.5,name="\\195\\169\\n'",[true]=false}`,
  );
});

Deno.test("keys are in one order: the list, numbers, strings by their bytes, booleans", () => {
  const keys: LuaKey[] = [
    ...[1, 2, -Infinity, -(2n ** 60n), -1, 0, 0.5, 4, 2n ** 60n, Infinity],
    ...["", "A", "a", "aa", "\uffff", "🔑", Uint8Array.of(0xff), false, true],
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (shuffled) => {
      const { list, others } = fieldsOf(new Map(shuffled.map((key) => [key, key])));
      assert.deepEqual([...list, ...others.map(([key]) => key)], keys);
    }),
  );
});

Deno.test("equal is what Lua takes for equal, and tables by what they hold", () => {
  const same: [LuaValue, LuaValue][] = [
    [2 ** 60, 2n ** 60n],
    [0, -0],
    [NaN, NaN],
    [Uint8Array.of(0xff, 1), Uint8Array.of(0xff, 1)],
    [table(["a", 1], ["b", list(2)]), table(["b", list(2)], ["a", 1])],
    [table([Uint8Array.of(0xff), 1]), table([Uint8Array.of(0xff), 1])],
    [table([2 ** 60, 1]), table([2n ** 60n, 1])],
    [table(["a", undefined]), table()],
  ];
  const different: [LuaValue, LuaValue][] = [
    [1, "1"],
    [2n ** 60n + 1n, 2 ** 60],
    [1, true],
    [undefined, false],
    [Uint8Array.of(0xff), Uint8Array.of(0xfe)],
    [Uint8Array.of(0xff), "\u00ff"],
    [table(), undefined],
    [table(["a", 1]), table(["a", 1], ["b", 1])],
    [table(["a", 1], ["b", 1]), table(["a", 1])],
    [table(["a", 1], ["b", undefined]), table(["a", 1], ["b", 2])],
    [table([1, 1]), table(["1", 1])],
    [table([Uint8Array.of(0xff), 1]), table([Uint8Array.of(0xfe), 1])],
  ];
  for (const [a, b] of same) assert.ok(luaEqual(a, b) && luaEqual(b, a), `${canonical(a)} ${canonical(b)}`);
  for (const [a, b] of different) assert.ok(!luaEqual(a, b) && !luaEqual(b, a), canonical(a) + canonical(b));
  fc.assert(
    fc.property(luaValue, luaValue, (a, b) => assert.equal(luaEqual(a, b), canonical(a) === canonical(b))),
  );
});

Deno.test("a file of Prosody's is a literal after return", () => {
  const chunk = { chunk: true };
  assert.ok(luaEqual(read('return {\n\t["a"] = 1;\n};\n', chunk), table(["a", 1])));
  assert.equal(read("-- nothing\nreturn nil", chunk), undefined);
  for (const text of ["{}", "return", "return 1, 2", "return {};;", "return {} return {}", "x = 1"]) {
    assert.match(refusal(text, chunk), /^Line 1: /, text);
  }
  assert.match(refusal("return {}"), /^Line 1: /);
});

Deno.test("infinities and what is no number are read in all their forms, and other sums are not", () => {
  for (const text of ["(1/0)", "math.huge", "1e9999", "-(-1/0)", "-(-1.0 / 0)"]) {
    assert.equal(read(text), Infinity);
  }
  for (const text of ["(-1/0)", "-math.huge", "-1e9999", "-(1/0)"]) assert.equal(read(text), -Infinity);
  for (const text of ["(0/0)", "(-0/0)", "-(0/0)"]) assert.ok(Number.isNaN(read(text)));
  assert.ok(
    luaEqual(
      read("{math = 1, math.huge, [math.huge] = 2}"),
      table(["math", 1], [1, Infinity], [Infinity, 2]),
    ),
  );
  for (
    const text of [
      "(1/1)",
      "1/0",
      "(1)",
      "math.pi",
      "math",
      "- -1",
      "-nil",
      "-'1'",
      "1+1",
      "'a'..'b'",
      "#'a'",
    ]
  ) {
    assert.match(refusal(text), /^Line 1: /, text);
  }
});

Deno.test("a text is a text, though it looks like a mark", () => {
  for (const mark of ["{", "}", "[", "]", "=", "-", "(", "math", "return", ",", ";"]) {
    assert.equal(read(`"${mark}"`), mark);
    assert.ok(luaEqual(read(`{'${mark}',["${mark}"]="${mark}"}`), table([1, mark], [mark, mark])), mark);
    assert.match(refusal(`{1 "${mark}" 2}`), /^Line 1: /);
    assert.match(refusal(`"${mark}" 1`, { chunk: true }), /^Line 1: /);
  }
});

Deno.test("a key twice in one table is refused, however it is written, and so is what cannot be a key", () => {
  for (
    const fields of [
      ...[
        "a=1,a=1",
        "a=1,['a']=2",
        "[1]=1,2",
        "2,[1]=1",
        "2,[1.0]=1",
        "[0x10]=1,[16]=2",
        "['\\255']=1,['\\xff']=2",
      ],
      ...[
        "[2^60]=1",
        "[1152921504606846976]=1,[1.152921504606846976e18]=2",
        "[true]=1,[true]=2",
        "a=nil,a=1",
      ],
      ...["[nil]=1", "goto=1", "end=1", "[(0/0)]=1", "[{}]=1", "['a'..'b']=1", "[-0.0]=1,[0]=1"],
    ]
  ) assert.match(refusal(`{${fields}}`), /^Line 1: /, fields);
  assert.ok(luaEqual(
    read("{a={a=1},['1']=1,1,[true]=1,['true']=2}"),
    table(
      ...[["a", table(["a", 1])], ["1", 1], [1, 1], [true, 1], ["true", 2]] as const,
    ),
  ));
});

Deno.test("what is refused is told by line, and never quoted", () => {
  for (
    const [text, line] of [
      ["{\n  secret = secret,\n}", 2],
      ["{\r\n  'a',\r\n  secret()}", 3],
      ["{[[\n\n]], secret}", 3],
      ["{\n\n'secret", 3],
      ["'a\\\nb', secret", 2],
      ["{\n'\\secret'", 2],
      ["\n\n@secret", 1],
      ["function() return secret end", 1],
    ] as const
  ) {
    const reason = refusal(text);
    assert.doesNotMatch(reason, /secret|@/);
    assert.ok(reason.startsWith(`Line ${line}: `), `${JSON.stringify(text)}: ${reason}`);
  }
});

Deno.test("nothing that is hostile takes long, whatever is wrong or only too much with it", () => {
  const mega = 1 << 20;
  const longBracket = `--[${"=".repeat(mega / 2)}[${"]".repeat(mega / 2)}`;
  for (
    const text of [
      ...["{", "(", "[", "- ", "{[", "{a=", "'", "\\", "--[[", "=", "a", "{{},", "[=[", "\0"].map((part) =>
        part.repeat(mega / part.length)
      ),
      ...["--\n".repeat(mega / 3), "\n".repeat(mega), `--[[${"x".repeat(mega)}`, longBracket],
      ...[`{${"1,".repeat(mega / 2)}}`, `0x1.${"1".repeat(mega)}`, `{${"{},".repeat(mega / 3)}}`],
      `{${Array.from({ length: 100_001 }, (_, i) => `["\\255${i}"]=1`).join(",")}}`,
    ]
  ) {
    const began = performance.now();
    assert.ok(refusal(text).length < 100);
    assert.ok(performance.now() - began < 5000, text.slice(0, 10));
  }
  for (const text of ["1".repeat(mega), `0x${"f".repeat(mega)}`, `'${"\\255".repeat(mega / 4)}'`]) {
    const began = performance.now();
    assert.notEqual(read(text), undefined);
    assert.ok(performance.now() - began < 5000, text.slice(0, 10));
  }
});

Deno.test("keys that are numbers, which can be chosen to be in each other's way, are few; places in a list are not", () => {
  const fields = (count: number, key: (i: number) => string) =>
    `{${Array.from({ length: count }, (_, i) => `${key(i)}=1`).join(",")}}`;
  for (const key of [(i: number) => `[${-i}]`, (i: number) => `["${i}"]`, (i: number) => `[${i}.5]`]) {
    assert.ok(read(fields(1_000, key)) instanceof Map);
    assert.match(refusal(fields(1_001, key)), /numbers/);
    assert.ok(read(fields(1_001, key), { numbers: Infinity }) instanceof Map);
  }
  assert.ok(read(fields(9_000, (i) => `k${i}`)) instanceof Map);
  assert.ok(read(`{${"1,".repeat(9_000)}}`) instanceof Map);
});

Deno.test("limits hold exactly", () => {
  const nested = (depth: number) => "{".repeat(depth) + "}".repeat(depth);
  assert.ok(read(nested(64)) instanceof Map);
  assert.match(refusal(nested(65)), /64/);
  assert.match(refusal(nested(3), { depth: 2 }), /2/);
  assert.ok(read("{1,a=2}", { values: 4 }) instanceof Map); // the table, two values and a key
  assert.match(refusal("{1,a=2}", { values: 3 }), /3/);
});

Deno.test("what no literal stands for is not written", () => {
  for (const value of ["\ud800", list("a\udc00"), 2n ** 63n, -(2n ** 63n) - 1n, new Map([[NaN, 1]])]) {
    for (const style of ["file", "wire"] as const) {
      assert.throws(() => writeLua(value, style), { code: "invalid" });
    }
  }
});
