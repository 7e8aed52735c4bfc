import assert from "node:assert/strict";
import fc from "fast-check";
import { parseJson, parseSmallJson, smallJson, usualLimits } from "../../src/core/json.ts";
import { Problem } from "../../src/core/problem.ts";

const encoder = new TextEncoder();
const isLarge = (bytes: Uint8Array) => bytes.length > smallJson;
/** The same, so large that it is looked through in slices. */
const enlarged = (text: string) => text + " ".repeat(smallJson + 1);

async function failureOf(bytes: Uint8Array, limits = usualLimits): Promise<string | undefined> {
  const error = await parseJson(bytes, limits).then(() => undefined, (error) => error);
  if (error === undefined) return undefined;
  assert.ok(error instanceof Problem, String(error));
  assert.equal(error.code, "bad-request");
  return error.detail;
}

const plain = (bytes: Uint8Array): unknown =>
  JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));

/** As `JSON.parse` would have it, but for members that stand there twice. */
async function agrees(text: string): Promise<void> {
  for (const bytes of [encoder.encode(text), encoder.encode(enlarged(text))]) {
    let expected: { value: unknown } | undefined;
    try {
      expected = { value: plain(bytes) };
    } catch { /* it is none */ }
    const failure = await failureOf(bytes);
    if (failure === undefined) {
      assert.ok(expected, "this is no JSON");
      assert.deepEqual(await parseJson(bytes), expected.value);
      if (!isLarge(bytes)) assert.deepEqual(parseSmallJson(bytes), expected.value);
    } else {assert.match(
        failure,
        expected ? /names a member twice/ : /is not (JSON|UTF-8)|names a member twice/,
      );}
  }
}

/** A string in quotes, some of its characters escaped. */
const quoted = (text: string, escapes: readonly boolean[]) =>
  '"' + Array.from({ length: text.length }, (_, i) => {
    const code = text.charCodeAt(i);
    const must = code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff);
    return must || escapes[i % escapes.length]
      ? "\\u" + code.toString(16).padStart(4, "0")[i % 2 ? "toUpperCase" : "toLowerCase"]()
      : text[i];
  }).join("") + '"';

const parts = [
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    '"a"',
    '"b":',
    "{}",
    "[]",
    '"\\u0061"',
    '"\\u00',
    '"\\u\u0011\u0011\u0011\u0011"',
    '"\\x"',
    '"\\"',
    "\\",
    "/",
  ],
  ...[
    "0",
    "1",
    "-",
    "-0",
    "01",
    ".5",
    "1.",
    "1.5",
    "1e5",
    "1E+",
    "e",
    "1e400",
    "+1",
    "0x1",
    "NaN",
    "Infinity",
  ],
  ...["true", "false", "null", "True", "nul", "undefined", "'a'", "//", "/**/", '"__proto__":', '"\\ud800"'],
  ...[
    " ",
    "\n",
    "\r\n",
    "\t",
    "\u000b",
    "\u00a0",
    "\u2028",
    "\ufeff",
    "\u0000",
    '"\u0001"',
    '"\u001f"',
    '"\u007f"',
    "é",
    "💡",
  ],
];

Deno.test("what is taken is what JSON.parse takes, with the same value, whatever it is made of", () =>
  fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((some) => some.join("")),
        fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...parts)).map(([text, at, part]) => {
          const middle = at % (text.length + 1);
          return text.slice(0, middle) + part + text.slice(middle + at % 2);
        }),
      ),
      agrees,
    ),
    { numRuns: 1_500 },
  ));

Deno.test("JSON of any value, with any blanks, is taken as it is", () =>
  fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom("", " ", "\t", "\n\r"), async (value, blanks) => {
      const text = JSON.stringify(value, undefined, blanks);
      for (const bytes of [encoder.encode(text), encoder.encode(enlarged(text))]) {
        assert.deepEqual(await parseJson(bytes), JSON.parse(text));
      }
    }),
    { numRuns: 300 },
  ));

Deno.test("a member that is named twice in one object is found, however its name is escaped", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom("a", "é", '"', "\\", "\u0000", "\ud800"), maxLength: 2 })),
      fc.array(fc.boolean(), { minLength: 1 }),
      async (names, escapes) => {
        const members = names.map((name, i) =>
          `${quoted(name, escapes.slice(i % escapes.length))}:{"a":[{"a":1}]}`
        );
        const text = `[{"a":0},{${members.join()}},{"a":0}]`;
        const failure = await failureOf(encoder.encode(text));
        if (new Set(names).size === names.length) assert.equal(failure, undefined);
        else {assert.match(
            failure ?? "",
            /^The body names a member twice in one object at line 1, column \d+\.$/,
          );}
      },
    ),
  ));

for (
  const [text, says] of [
    ["", "is not JSON: it ends where a value was expected, at line 1, column 1."],
    ['{"a": [1,\n  2', 'is not JSON: it ends where "," or "]" was expected, at line 2, column 4.'],
    ['{"a": NaN}', "is not JSON: expected a value at line 1, column 7."],
    ["{'a': 1}", 'is not JSON: expected a name in quotes or "}" at line 1, column 2.'],
    ["[1,]", "is not JSON: expected a value at line 1, column 4."],
    ['{"a":1,}', "is not JSON: expected a name in quotes at line 1, column 8."],
    ['{"a" 1}', 'is not JSON: expected ":" at line 1, column 6.'],
    ["{}\n{}", "is not JSON: expected nothing more at line 2, column 1."],
    ["[01]", 'is not JSON: expected "," or "]" at line 1, column 3.'],
    ['"hush', "is not JSON: a string has no end, or holds what it may not, at line 1, column 6."],
    ['["hu\nsh"]', "is not JSON: a string has no end, or holds what it may not, at line 1, column 5."],
    ['{"hu\\xsh":1}', "is not JSON: a name has no end, or holds what it may not, at line 1, column 5."],
    ['{"hush": 1,\n "h\\u0075sh": 2}', "names a member twice in one object at line 2, column 2."],
    ['{"__proto__": 1, "__proto__": 2}', "names a member twice in one object at line 1, column 18."],
  ] as const
) {
  Deno.test(`${JSON.stringify(text)} ${says}`, async () => {
    assert.equal(await failureOf(encoder.encode(text)), `The body ${says}`);
  });
}

Deno.test("what is not UTF-8 is refused with the first byte that is not", async () => {
  const bad = [[0xe9], [0xed, 0xa0, 0x80], [0xc3], [0xf0, 0x9f, 0x92], [0x80], [0xc0, 0xaf], [
    0xf4,
    0x90,
    0x80,
    0x80,
  ]];
  for (const before of [0, 1, 65_533, 65_534, 65_535, 65_536, 200_001]) {
    for (const wrong of bad) {
      for (const after of [0, 3]) {
        const good = encoder.encode("é".repeat(before >> 1) + "x".repeat(before % 2));
        const bytes = new Uint8Array([...good, ...wrong, ...new Uint8Array(after).fill(0x20)]);
        assert.equal(
          await failureOf(bytes),
          `The body is not UTF-8 at byte ${before + 1}.`,
          `${before} ${wrong}`,
        );
      }
    }
  }
  assert.match(await failureOf(new Uint8Array([0xff, 0xfe, 0x31, 0])) ?? "", /UTF-8 at byte 1\./);
});

Deno.test("a limit is what may just be reached, in small bodies and in large ones", async () => {
  const limits = { depth: 3, values: 5, names: 2 };
  for (
    const [text, failure] of [
      ['[[["x"]]]', undefined],
      ["[[[[]]]]", "has more than 3 levels at line 1, column 4."],
      ['[[],{},[{"a":1}]]', "has more than 5 values at line 1, column 14."],
      ["[1,2,3,4]", undefined],
      ["[1,2,3,4,5]", "has more than 5 values at line 1, column 10."],
      ['[{"a":1},{"a":1}]', undefined],
      ['{"a":1,"b":{"a":1,"b":1}}', undefined],
      ['{"a":1,"b":2,"c":3}', "has more than 2 different names at line 1, column 14."],
    ] as const
  ) {
    for (const body of [text, enlarged(text)]) {
      assert.equal(await failureOf(encoder.encode(body), limits), failure && `The body ${failure}`);
    }
  }
});

Deno.test("__proto__ is a member like any other, and nobody's prototype is touched", async () => {
  const text = '{"__proto__": {"hush": 1}, "constructor": {"prototype": 2}}';
  for (const body of [text, enlarged(text)]) {
    const value = await parseJson(encoder.encode(body)) as Record<string, unknown>;
    assert.deepEqual(Object.keys(value), ["__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(value.hush, undefined);
  }
});

Deno.test("a small body is parsed before anybody else has a turn", async () => {
  let turns = 0;
  const timer = setTimeout(() => turns++, 0);
  const until = performance.now() + 20;
  while (performance.now() < until) await parseJson(encoder.encode(`"${"x".repeat(smallJson - 2)}"`));
  assert.equal(turns, 0);
  clearTimeout(timer);
});

Deno.test("large bodies are parsed one after the other, one that is wrong too, and others run in between", async () => {
  const large = encoder.encode(JSON.stringify(Array.from({ length: 40_000 }, (_, i) => i)));
  const seen: string[] = [];
  const bodies = [large, encoder.encode("[".repeat(100_000)), large, large];
  const all = bodies.map((bytes, i) => parseJson(bytes).catch(() => {}).finally(() => seen.push(`${i}`)));
  let open = true;
  const ticking = (async () => {
    for (; open; await new Promise((resolve) => setTimeout(resolve, 0))) {
      if (seen.at(-1) !== "-") seen.push("-");
    }
  })();
  await Promise.all(all);
  open = false;
  await ticking;
  assert.match(seen.join(""), /^-0-?1-2-3-?$/);
});
