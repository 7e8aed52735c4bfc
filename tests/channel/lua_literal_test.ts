import assert from "node:assert/strict";
import fc from "fast-check";
import { luaLiteral } from "../../src/channel/lua_literal.ts";
import { parseStanza, serialiseStanza, xml } from "../../src/channel/stanza.ts";
import { runProcess } from "../e2e/process.ts";
import { readLua } from "../lua_table.ts";

Deno.test("any text in a literal is read back as itself, also after its way through a stanza", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (name, text) => {
      const literal = luaLiteral({ [`x${name}`]: text, list: [text, 1, true], empty: {} });
      assert.ok(!/[\r\n]/.test(literal));
      const expected = {
        [`x${name.toWellFormed()}`]: text.toWellFormed(),
        list: [text.toWellFormed(), 1, true],
        empty: {},
      };
      assert.deepEqual(readLua(literal), expected);
      if (/[\ufffe\uffff]/.test(name + text)) return; // XML has no place for these
      assert.deepEqual(readLua(parseStanza(serialiseStanza(xml("a", {}, literal))).getText()), expected);
    }),
  );
});

Deno.test("Lua itself reads a literal, and nothing in it is run", async () => {
  const nasty = [
    '"',
    "\\",
    '\\\\"',
    "]]",
    "--",
    "\n",
    "\r\n",
    "\0",
    '" .. os.exit(3) .. "',
    "${x}",
    "ü€🔑",
    "\u007f",
  ];
  const program =
    `local t = load("return " .. io.read("a"), "x", "t", {})() for _, v in ipairs(t) do io.write(#v, " ") end`;
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, luaLiteral(nasty));
  const said = await runProcess([
    "sh",
    "-c",
    `command -v lua5.4 >/dev/null || exit 99; lua5.4 -e "$1" < "$2"`,
    "sh",
    program,
    file,
  ]);
  await Deno.remove(file);
  if (said.code === 99) return; // there is no Lua without a Prosody
  const sizes = nasty.map((text) => new TextEncoder().encode(text).length).join(" ");
  assert.deepEqual([said.code, said.stdout.trim()], [0, sizes]);
});

Deno.test("null and undefined are left out, and what is nested too deep is refused", () => {
  assert.deepEqual(readLua(luaLiteral({ a: null, b: undefined, c: 1 })), { c: 1 });
  let deep: unknown = "x";
  for (let i = 0; i < 40; i++) deep = { deep };
  assert.throws(() => luaLiteral(deep), { code: "invalid" });
});
