import assert from "node:assert/strict";
import fc from "fast-check";
import { parseLua, writeLua } from "../../src/core/lua_text.ts";
import { luaEqual, type LuaValue } from "../../src/core/lua_value.ts";
import { prosodies, startLua } from "./lua_process.ts";
import { bytesOf, canonical, float, list, luaCanonical, luaValue, table } from "./lua_values.ts";

const said = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const loaded = `${luaCanonical}
local serialization = require "util.serialization"
local function loaded(text) return assert(load("return (" .. text .. "\\n)", "=case", "t", {}))() end
`;

/** The order that Couplet writes in. */
const inOrder = `
local function rank(key)
  local kind = type(key)
  return kind == "number" and 1 or kind == "string" and 2 or 3
end
local function less(a, b)
  if rank(a) ~= rank(b) then return rank(a) < rank(b) end
  if type(a) == "boolean" then return b and not a end
  return a < b
end
local function ordered(t)
  local keys, listed = {}, #t
  listed = 0
  while t[listed + 1] ~= nil do listed = listed + 1; keys[listed] = listed end
  local others = {}
  for key in next, t do
    if not (math.type(key) == "integer" and key >= 1 and key <= listed) then others[#others + 1] = key end
  end
  table.sort(others, less)
  table.move(others, 1, #others, listed + 1, keys)
  local i = 0
  return function() i = i + 1; if keys[i] ~= nil then return keys[i], t[keys[i]] end end
end
`;

/** Any value from Lua's own random numbers. */
const anyValue = `
local pick = math.random
local specials = { 0.1, 1e300, 5e-324, 2^63, -2^63, -0.0, 0, math.maxinteger, math.mininteger, 1/0, -1/0, 2^53, 2^-26 }
local function text()
  local bytes = {}
  for i = 1, pick(0, 12) do bytes[i] = pick(2) == 1 and pick(0, 255) or ("end_'\\"\\\\09"):byte(pick(1, 9)) end
  return pick(4) == 1 and utf8.char(pick(0, 0xd7ff), pick(0xe000, 0x10ffff)) or string.char(table.unpack(bytes))
end
local function number()
  local kind = pick(4)
  if kind == 1 then return pick(0) end
  if kind == 2 then return (string.unpack("d", string.pack("j", pick(0)))) end
  return kind == 3 and pick(-3, 9) or specials[pick(#specials)]
end
local function any(depth)
  local kind = pick(depth > 3 and 4 or 7)
  if kind == 1 then return pick(2) == 1 end
  if kind == 2 then return number() end
  if kind <= 4 then return text() end
  local t = {}
  for i = 1, pick(0, 5) do
    local key = i
    if kind ~= 5 then key = any(9) end
    if key == key then t[key] = any(depth + 1) end
  end
  return t
end
`;

for (const { name, folder, missing } of prosodies) {
  Deno.test({
    name: `what is written for Prosody ${name} in either style is read by Lua as the same`,
    ignore: missing,
    async fn() {
      await using lua = await startLua(
        folder,
        `${loaded}
        function answer(text) return canonical(loaded(text)) end`,
      );
      await fc.assert(
        fc.asyncProperty(
          luaValue,
          fc.constantFrom("file" as const, "wire" as const),
          async (value, style) => {
            assert.equal(said(await lua.ask(writeLua(value, style))), canonical(value));
          },
        ),
        { numRuns: 1000 },
      );
    },
  });

  Deno.test({
    name: `what Prosody ${name} serialises is read as Lua reads it`,
    ignore: missing,
    async fn() {
      await using lua = await startLua(
        folder,
        `${loaded}${anyValue}
        function answer(question)
          local style, seed = question:match("(%a+) (%d+)")
          math.randomseed(tonumber(seed))
          local text = serialization.serialize(any(0), style ~= "default" and style or nil)
          return string.pack("s4", text) .. canonical(loaded(text))
        end`,
      );
      const style = fc.constantFrom("default", "compact", "oneline");
      let tables = 0;
      await fc.assert(
        fc.asyncProperty(style, fc.nat(), async (style, seed) => {
          const reply = await lua.ask(`${style} ${seed}`);
          const length = new DataView(reply.buffer).getUint32(0, true);
          const value = parseLua(reply.subarray(4, 4 + length));
          if (value instanceof Map && value.size > 0) tables++;
          assert.equal(canonical(value), said(reply.subarray(4 + length)));
        }),
        { numRuns: 1000 },
      );
      assert.ok(tables > 100);
    },
  });

  Deno.test({
    name: `a file is written byte for byte as Prosody ${name} writes it in the same order`,
    ignore: missing,
    async fn() {
      await using lua = await startLua(
        folder,
        `${loaded}${inOrder}
        local serialize = serialization.new { table_iterator = ordered }
        function answer(text) return serialize(loaded(text)) end`,
      );
      const same = async (value: LuaValue) =>
        assert.equal(said(await lua.ask(writeLua(value, "wire"))), writeLua(value, "file"));
      await same(Uint8Array.from({ length: 256 }, (_, byte) => byte));
      await same(list(list(), list(list(1)), table(["b", -0], ["a", 1n << 62n], [false, "'"], [7, "\n"])));
      await fc.assert(fc.asyncProperty(luaValue, same), { numRuns: 1000 });
    },
  });

  Deno.test({
    name: `a float is written digit for digit as Prosody ${name} prints it`,
    ignore: missing,
    async fn() {
      await using lua = await startLua(
        folder,
        `${loaded}
        function answer(bits) return serialization.serialize((string.unpack("<d", bits))) end`,
      );
      await fc.assert(
        fc.asyncProperty(float, async (value) => {
          const text = said(await lua.ask(new Uint8Array(new Float64Array([value]).buffer)));
          assert.equal(writeLua(value, "file"), text);
          const back = parseLua(bytesOf(text));
          assert.ok(luaEqual(back, value), `${text} was read as ${back}`);
        }),
        { numRuns: 3000 },
      );
    },
  });

  Deno.test({
    name: `tables as deep as Prosody ${name} writes them are read by Lua`,
    ignore: missing,
    async fn() {
      await using lua = await startLua(
        folder,
        `${loaded}
        function answer(text) return serialization.serialize(loaded(text)) end`,
      );
      let deep = list();
      for (let i = 1; i < 127; i++) deep = list(deep);
      const text = said(await lua.ask(writeLua(deep, "wire")));
      assert.equal(text, writeLua(deep, "file"));
      assert.equal(canonical(parseLua(bytesOf(text), { depth: 127 })), canonical(deep));
      assert.throws(() => writeLua(list(deep), "wire"), { code: "invalid" });
    },
  });
}
