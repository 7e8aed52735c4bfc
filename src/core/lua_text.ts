import { Buffer } from "node:buffer";
// @ts-types="npm:@types/luaparse@0.2.13"
import luaparse, { type Token } from "luaparse";
import { numberOf, numberText } from "./lua_number.ts";
import * as lua from "./lua_value.ts";
import type { LuaTable, LuaValue } from "./lua_value.ts";
import { Problem } from "./problem.ts";

export interface LuaLimits {
  /** Tables within each other; 64 if nothing is said. */
  readonly depth?: number;
  /** Values and keys, tables included; 100,000 if nothing is said. */
  readonly values?: number;
  /** Keys that are numbers, or look like one, outside of lists; 1,000 if nothing is said. */
  readonly numbers?: number;
  /** Whether the text is `return LITERAL`, as in Prosody's files. */
  readonly chunk?: boolean;
}

/**
 * The value of one literal of Lua 5.4, which is never run. Beside plain ones, what stands for an infinity or no number
 * is read: `(1/0)`, `(0/0)`, `math.huge`.
 * @throws Problem `bad-request` with the line; it quotes nothing, which may be a secret
 */
export function parseLua(bytes: Uint8Array, limits: LuaLimits = {}): LuaValue {
  const text = lua.latin1(bytes); // Lua's text is bytes: each is a character, until the UTF-8 of a string is read
  if (isSlow(text)) throw new Problem("bad-request", "Long brackets as long as these are not read.");
  // Its own parser goes as deep as the text does, and knows floats only; its tokens are all that is needed.
  const { lex } = luaparse.parse(text, {
    ...{ luaVersion: "5.3", encodingMode: "pseudo-latin1", comments: false, wait: true },
  });
  let line = 1;
  const take = () => {
    try {
      const token = lex() as LuaToken;
      line = token.line;
      return token;
    } catch (error) { // its message quotes; made for the whole parser, it may even be a TypeError
      throw new Problem("bad-request", `Line ${(error as { line?: number }).line ?? line}: this is not Lua.`);
    }
  };
  return read(text, take, limits);
}

type LuaToken = Omit<Token, "value"> & { readonly value: string | number | boolean | null };
const types = (luaparse as unknown as { tokenTypes: Record<string, number> }).tokenTypes;

function read(text: string, lex: () => LuaToken, limits: LuaLimits): LuaValue {
  const { depth: deepest = 64, values: most = 100_000, chunk = false } = limits;
  const keyOf = lua.createKeys(limits.numbers);
  let [token, count] = [lex(), 0];
  const next = () => token = lex();
  const fail = (reason: string) => new Problem("bad-request", `Line ${token.line}: ${reason}.`);
  const isAt = (mark: string) => token.value === mark && token.type !== types.StringLiteral;
  const skip = (mark: string) => isAt(mark) && (next(), true);
  const expect = (mark: string) => {
    if (!skip(mark)) throw fail(`"${mark}" was expected`);
  };
  const counted = () => {
    if (++count > most) throw fail(`more than ${most} values`);
  };

  const value = (depth: number): LuaValue => {
    counted();
    const { type, value, range: [start] } = token;
    if (type === types.StringLiteral) {
      next();
      return stringOf(value as string, text[start] === "[");
    }
    if (type === types.BooleanLiteral || type === types.NilLiteral) {
      next();
      return value as boolean | null ?? undefined;
    }
    return isAt("{") ? table(depth + 1) : number();
  };
  const number = (): number | bigint => {
    const minus = skip("-");
    if (!isAt("(") && !isAt("math")) return numeral(minus);
    const value = skip("(") ? quotient() : (next(), huge());
    return minus ? -value : value;
  };
  const quotient = (): number => {
    const dividend = Number(numeral(skip("-")));
    expect("/");
    if (numeral(false) !== 0) throw fail('"0" was expected');
    expect(")");
    return dividend / 0;
  };
  const huge = (): number => {
    expect(".");
    expect("huge");
    return Infinity;
  };
  const numeral = (minus: boolean): number | bigint => {
    if (token.type !== types.NumericLiteral) {
      throw fail(
        isAt("return") ? 'a value was expected, without "return" before it' : "a value was expected",
      );
    }
    const number = numberOf(text.slice(...token.range), token.value as number, minus);
    if (Number.isNaN(number)) throw fail("this number is out of reach");
    next();
    return number;
  };

  const table = (depth: number): LuaTable => {
    if (depth > deepest) throw fail(`more than ${deepest} levels`);
    const fields: LuaTable = new Map();
    let [position, nils] = [0, false];
    next();
    while (!skip("}")) {
      const [named, member] = field(depth);
      const key = named ?? ++position;
      if (fields.has(key)) throw fail("its table has this key already");
      fields.set(key, member);
      nils ||= member === undefined;
      if (!skip(",") && !skip(";") && !isAt("}")) throw fail('"," or "}" was expected');
    }
    if (nils) { for (const [key, value] of fields) if (value === undefined) fields.delete(key); }
    return fields;
  };
  /** A key, unless it has none but its position, and its value. */
  const field = (depth: number): [lua.LuaKey | undefined, LuaValue] => {
    if (token.type === types.Identifier) {
      const name = token.value as string;
      next();
      if (name === "math" && isAt(".")) return [undefined, huge()];
      counted();
      expect("=");
      return [name, value(depth)];
    }
    if (!skip("[")) return [undefined, value(depth)];
    if (isAt("{")) throw fail("this cannot be a key");
    const key = keyOf(value(depth));
    if (key === undefined) throw fail("this cannot be a key");
    expect("]");
    expect("=");
    return [key, value(depth)];
  };

  if (chunk) expect("return");
  const result = value(0);
  if (chunk) skip(";");
  if (token.type !== types.EOF) throw fail("the end was expected");
  return result;
}

const stringOf = (value: string, long: boolean): string | Uint8Array => {
  const text = long ? value.replace(/\r\n?|\n\r/g, "\n") : value; // any end of a line is \n there
  return beyondAscii.test(text) ? lua.textOf(Buffer.from(text, "latin1")) : text;
};
const beyondAscii = /[\u0080-\u00ff]/;

/** Each bracket that closes something is compared with as many characters as the longest that opens has. */
function isSlow(text: string): boolean {
  if (!text.includes("[================")) return false;
  let longest = 0;
  for (const [mark] of text.matchAll(/\[=+/g)) longest = Math.max(longest, mark.length);
  return longest * text.split("]").length > 1e7;
}

/** `file` is as Prosody writes its files; `wire` is short, a line of ASCII. */
export type LuaStyle = "file" | "wire";

const deepest = 127; // tables within each other: Prosody writes no more

/**
 * A value as a literal, its keys always in the same order.
 * @throws Problem `invalid` if tables are more than 127 levels deep, an integer has more than 64 bits, a text is not
 * well-formed, or what is no number is a key
 */
export const writeLua = (value: LuaValue, style: LuaStyle): string => literal(value, 0, style === "file");

function literal(value: LuaValue, depth: number, file: boolean): string {
  if (value instanceof Map) return tableText(value, depth + 1, file);
  if (typeof value === "string" || value instanceof Uint8Array) return stringText(value, file);
  if (typeof value === "number" || typeof value === "bigint") return numberText(value, file);
  return value === undefined ? "nil" : String(value);
}

function tableText(table: LuaTable, depth: number, file: boolean): string {
  if (depth > deepest) throw new Problem("invalid", `Nested more than ${deepest} levels deep.`);
  const { list, others } = lua.fieldsOf(table);
  const fields = list.map((value) => literal(value, depth, file));
  for (const [key, value] of others) {
    if (Number.isNaN(key)) throw new Problem("invalid", "What is no number cannot be a key.");
    const bare = !file && typeof key === "string" && name.test(key) && !words.has(key);
    const start = bare ? key : `[${literal(key, depth, file)}]`;
    fields.push(`${start}${file ? " = " : "="}${literal(value, depth, file)}`);
  }
  if (!file || fields.length === 0) return `{${fields.join(",")}}`;
  const indent = "\t".repeat(depth);
  return `{\n${indent}${fields.join(`;\n${indent}`)};\n${indent.slice(1)}}`;
}

const name = /^[A-Za-z_][A-Za-z0-9_]*$/;
// Lua 5.4, 3.1: these may not stand there bare.
const words = new Set(
  ("and break do else elseif end false for function goto if in local nil not or repeat return then true " +
    "until while").split(" "),
);

/** Every byte that is not plain ASCII is escaped: nothing in a text can be more than text. */
function stringText(text: string | Uint8Array, file: boolean): string {
  if (typeof text === "string" && !text.isWellFormed()) {
    throw new Problem("invalid", "A text has a lone surrogate.");
  }
  const bytes = typeof text === "string" && !notAscii.test(text) ? text : lua.latin1(text);
  return `"${bytes.replace(file ? filed : wired, (char) => escapes[char] ?? byte(char))}"`;
}

// deno-lint-ignore no-control-regex
const notAscii = /[^\u0000-\u007f]/;
// deno-lint-ignore no-control-regex
const filed = /[\u0000-\u001f"'\\\u007f-\u00ff]/g;
// deno-lint-ignore no-control-regex
const wired = /[\u0000-\u001f"&<>\\\u007f-\u00ff]/g; // XML would write some otherwise
const escapes: Record<string, string> = {
  ...{ '"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" },
  ...{ "\u0007": "\\a", "\b": "\\b", "\v": "\\v", "\f": "\\f" },
};
const byte = (char: string) => `\\${String(char.charCodeAt(0)).padStart(3, "0")}`;
