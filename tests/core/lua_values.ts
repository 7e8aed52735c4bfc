import fc from "fast-check";
import {
  createKeys,
  fitsInt64,
  type LuaKey,
  type LuaTable,
  type LuaValue,
} from "../../src/core/lua_value.ts";

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A table of these fields, its keys as Lua has them. */
export function table(...fields: readonly (readonly [LuaValue, LuaValue])[]): LuaTable {
  const keyOf = createKeys();
  return new Map(fields.map(([key, value]) => [keyOf(key) as LuaKey, value]));
}

export const list = (...values: readonly LuaValue[]): LuaTable =>
  table(...values.map((value, i) => [i + 1, value] as const));

const asText = (bytes: Uint8Array): string | Uint8Array => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
};

const reserved = ["__null", "__list", "__bytes", "__number", "__array", "__hash"];
const odd = [
  "",
  "end",
  "goto",
  "math",
  "1",
  "__proto__",
  "\ufeffx",
  "\uffff",
  "🔑",
  "'\"\\\n\r\0\x7f",
  "a1",
  "\x011",
];

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom(...odd, ...reserved),
  fc.uint8Array().map(asText),
  fc.constant(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
);

/** Those between two of 18 digits are among them. */
export const float = fc.oneof(
  fc.double(),
  fc.tuple(fc.integer(), fc.integer({ min: 10, max: 60 })).map(([whole, power]) => whole / 2 ** power),
  fc.tuple(fc.integer(), fc.integer({ min: 20, max: 60 })).map(([whole, power]) => whole * 2 ** power),
  fc.constantFrom(
    0.1,
    1e300,
    5e-324,
    2 ** 63,
    -(2 ** 63),
    2 ** 62,
    2 ** 53,
    -0,
    2 ** -26,
    1e15,
    1e16,
    1e17,
    1e18,
  ),
  fc.constantFrom(123456789012345680, 1e-4, 1e-5, 0.5, NaN, Infinity, -Infinity, Number.MAX_VALUE),
);

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const integer = fc.oneof(int64, fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n, -(2n ** 53n) - 1n))
  .map((n) => BigInt(Number(n)) === n && Number.isSafeInteger(Number(n)) ? Number(n) : n);

const plain: fc.Arbitrary<LuaKey> = fc.oneof(text, float, integer, fc.integer(), fc.boolean());
const key = fc.oneof(plain, fc.integer({ min: -1, max: 4 }), fc.constantFrom(...reserved))
  .filter((key) => !Number.isNaN(key));

/** Any value that can be stored, but nil. */
export const luaValue: fc.Arbitrary<LuaValue> = fc.letrec<{ value: LuaValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    plain,
    fc.constantFrom(...["__null", "__list"].flatMap((name) => [table([name, true]), table([name, false])])),
    fc.array(tie("value"), { maxLength: 4 }).map((values) => list(...values)),
    fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }).map((fields) => table(...fields)),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map((fields) => table(...fields)),
  ),
})).value;

/** What a value is, the same for all that Lua takes to be the same; `luaCanonical` says it in Lua. */
export function canonical(value: LuaValue): string {
  if (value === undefined || typeof value === "boolean") return value === undefined ? "nil" : String(value);
  if (value instanceof Map) {
    const fields = [...value].map(([key, value]) => `${canonical(key)}=${canonical(value)}`);
    return `{${fields.sort().join(",")}}`;
  }
  if (typeof value === "string" || value instanceof Uint8Array) {
    return `"${(typeof value === "string" ? bytesOf(value) : value).toHex()}"`;
  }
  if (Number.isNaN(value)) return "nan";
  if (typeof value === "bigint" || Number.isInteger(value) && fitsInt64(value)) return String(BigInt(value));
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return `#${new Uint8Array(bits.buffer).toHex()}`;
}

export const luaCanonical = `
local function canonical(value)
  if type(value) == "string" then
    return '"' .. value:gsub(".", function(c) return ("%02x"):format(c:byte()) end) .. '"'
  elseif type(value) == "number" then
    if value ~= value then return "nan" end
    local integer = math.tointeger(value)
    if integer then return ("%d"):format(integer) end
    return "#" .. (string.pack(">d", value):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
  elseif type(value) == "table" then
    local fields = {}
    for k, v in next, value do fields[#fields + 1] = canonical(k) .. "=" .. canonical(v) end
    table.sort(fields)
    return "{" .. table.concat(fields, ",") .. "}"
  end
  return tostring(value)
end
`;
