import assert from "node:assert/strict";
import fc from "fast-check";
import { parseLua } from "../../src/core/lua_text.ts";
import { prosodies, startLua } from "./lua_process.ts";
import { bytesOf, canonical, luaCanonical } from "./lua_values.ts";

const escape = fc.constantFrom(
  ...[
    "\\a",
    "\\b",
    "\\f",
    "\\n",
    "\\r",
    "\\t",
    "\\v",
    "\\\\",
    "\\'",
    '\\"',
    "\\\n",
    "\\\r\n",
    "\\\n\r",
    "\\z \n\t ",
  ],
  ...[
    "\\0",
    "\\65",
    "\\0651",
    "\\255",
    "\\x41",
    "\\xfF",
    "\\u{7f}",
    "\\u{0000e9}",
    "\\u{d800}",
    "\\u{10FFFF}",
  ],
  ...["a", "'", '"', "é", "🔑", "--", "[[", "]]", "]=]", "\t", "\0", "{", "}", ";"],
);
const wrong = fc.constantFrom("\\q", "\\256", "\\x4", "\\u41", "\\u{", "\n", "\\");
const inside = fc.array(fc.oneof({ weight: 30, arbitrary: escape }, { weight: 1, arbitrary: wrong }), {
  maxLength: 6,
}).map((parts) => parts.join(""));
const string = fc.tuple(
  inside,
  fc.constantFrom(['"', '"'], ["'", "'"], ["[[", "]]"], ["[[\r\n", "]]"], ["[=[\n\n", "]=]"], [
    "[[a\r\nb\rc\n\r",
    "]]",
  ]),
).map(([text, [start, end]]) => start + text + end);
const numeral = fc.oneof(
  fc.stringMatching(/^[0-9]{1,22}$/),
  fc.stringMatching(/^-? ?[0-9]{1,18}(\.[0-9]{0,3})?(e[+-]?[0-9]{1,3})?$/),
  fc.stringMatching(/^-?0[xX][0-9a-fA-F]{1,20}$/),
  fc.stringMatching(/^0x[0-9a-f]{1,6}(\.[0-9a-f]{0,6})?(p[+-]?[0-9]{1,2})?$/),
  fc.constantFrom("9223372036854775807", "-9223372036854775808", "9223372036854775808", "0x8000000000000000"),
  fc.constantFrom(
    "-0",
    "-0.0",
    "-0x0",
    "1e400",
    "(1/0)",
    "(-1/0)",
    "(0/0)",
    "-(0/0)",
    "3x",
    "1..2",
    "0x",
    "08",
    "--1",
  ),
);
const blank = fc.constantFrom(
  "",
  "",
  "",
  " ",
  "\n",
  "\r\n",
  "--x\n",
  "--[[x\n]]",
  "--[==[]]]==]",
  "--[=x\n",
  "\f\v",
);
/** Keys differ from place to place, nearly always: one twice is read by Lua, and refused here. */
const literal = fc.letrec<{ value: string }>((tie) => ({
  value: fc.tuple(
    blank,
    fc.oneof(
      { depthSize: "small" },
      ...[string, numeral, fc.constantFrom("true", "false", "nil")],
      fc.tuple(
        fc.array(
          fc.tuple(
            fc.nat(9),
            fc.oneof(string, numeral),
            ...[tie("value"), blank, fc.constantFrom(",", ";", ",", ";", ",", ";", ",", ";", " true ", ",,")],
          ),
          { maxLength: 4 },
        ),
        fc.constantFrom("}", "}", "}", "}", "}", ",}", ""),
      ).map(([fields, end]) =>
        `{${
          fields.map(([kind, key, value, blank, between], i) => {
            const start = kind < 3
              ? ""
              : kind < 6
              ? `k${i}${blank}=`
              : kind < 8
              ? `[${i + 10}]=`
              : `[${key}${blank}] =`;
            return start + value + blank + between;
          }).join("")
        }${end}`
      ),
    ),
    blank,
  ).map((parts) => parts.join("")),
})).value;

const [{ folder, missing } = { folder: "", missing: true }] = prosodies;

Deno.test({
  name: "any literal is read as Lua reads it, and refused when it is",
  ignore: missing,
  async fn() {
    await using lua = await startLua(
      folder,
      `${luaCanonical}
      function answer(text)
        local known, value = pcall(load, "return (" .. text .. "\\n)", "=case", "t", {})
        known, value = pcall(value)
        return known and canonical(value) or "refused"
      end`,
    );
    const read = (text: string) => {
      try {
        return canonical(parseLua(bytesOf(text)));
      } catch (error) {
        const { code, detail } = error as { code?: string; detail?: string };
        assert.equal(code, "bad-request");
        if (detail?.endsWith("its table has this key already.")) return undefined;
        return "refused";
      }
    };
    let [refused, known] = [0, 0];
    await fc.assert(
      fc.asyncProperty(literal, async (text) => {
        const [expected, got] = [new TextDecoder().decode(await lua.ask(text)), read(text)];
        if (expected === "refused") refused++;
        if (got === undefined) known++;
        else assert.equal(got, expected);
      }),
      { numRuns: 3000 },
    );
    assert.ok(refused > 100 && refused < 2000 && known < 100);
  },
});
