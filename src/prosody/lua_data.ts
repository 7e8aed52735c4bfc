import { Buffer } from "node:buffer";
// @ts-types="npm:@types/luaparse@0.2.13"
import luaparse, { type Expression } from "luaparse";
import { Problem } from "../core/problem.ts";

/** What Prosody keeps: Lua's own values; nil is `undefined`. */
export type LuaValue = string | number | boolean | LuaTable | undefined;

/** A Lua table: its keys may be text, numbers and, as in rosters, `false`; a list has the keys 1, 2, 3 and so on. */
export type LuaTable = Map<string | number | boolean, LuaValue>;

const mostNodes = 4_000_000; // of a syntax tree, about 1 GB: a host with 130,000 invites has as many
const [fewNodes, bytesANode] = [100_000, 4]; // of large values Prosody writes no less for each
const deepest = 127; // tables in tables: Prosody writes no more

/** The value of `return LITERAL`. Nothing is ever run. @throws Problem `invalid` or `too-large` */
export function readLua(bytes: Uint8Array<ArrayBuffer>): LuaValue {
  let nodes = 0;
  const most = Math.min(mostNodes, fewNodes + bytes.length / bytesANode);
  const onCreateNode = () => {
    if (++nodes > most) throw new Problem("too-large", "The file holds more than can be read at once.");
  };
  try {
    // Lua's text is bytes: each is one character here, until its UTF-8 is read below.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const { body: [statement, ...others] } = luaparse.parse(text, {
      ...{ luaVersion: "5.3", encodingMode: "pseudo-latin1", comments: false },
      ...(bytes.length > most && { onCreateNode }), // each node takes a byte: a small file needs no count
    });
    const [literal, ...more] = statement?.type === "ReturnStatement" ? statement.arguments : [];
    if (literal === undefined || more.length + others.length > 0) throw new SyntaxError("no single return");
    return valueOf(literal);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { line } = error as { line?: number }; // its message would quote what may be a secret
    throw new Problem(
      "invalid",
      `${line === undefined ? "This" : `Line ${line}`} is not what Prosody writes.`,
    );
  }
}

function valueOf(node: Expression): LuaValue {
  switch (node.type) {
    case "StringLiteral":
      return beyondAscii.test(node.value) ? utf8.decode(Buffer.from(node.value, "latin1")) : node.value;
    case "NumericLiteral":
    case "BooleanLiteral":
      return node.value;
    case "NilLiteral":
      return undefined;
    case "UnaryExpression":
      if (node.operator !== "-" || node.argument.type !== "NumericLiteral") break;
      return -node.argument.value;
    case "TableConstructorExpression": {
      const table: LuaTable = new Map();
      let position = 0;
      for (const field of node.fields) {
        const key = field.type === "TableValue"
          ? ++position
          : field.type === "TableKeyString"
          ? field.key.name
          : valueOf(field.key);
        if (key === undefined || typeof key === "object") throw new SyntaxError("no key");
        const value = valueOf(field.value);
        if (value !== undefined) table.set(key, value);
      }
      return table;
    }
  }
  throw new SyntaxError(`${node.type} is no literal`);
}

const beyondAscii = /[\u0080-\u00ff]/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A literal, indented as Prosody does. @throws Problem `invalid` */
export function luaText(value: LuaValue, depth = 1): string {
  if (typeof value === "string") return luaString(value);
  if (typeof value === "boolean") return String(value);
  if (value === undefined) return "nil";
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Problem("invalid", `${value} cannot be kept.`);
    return String(value);
  }
  if (depth > deepest) throw new Problem("invalid", `Nested more than ${deepest} levels deep.`);
  let [text, position] = ["", 1];
  const indent = "\t".repeat(depth);
  for (const [key, member] of value) {
    if (member === undefined) continue;
    text += indent;
    if (key === position) position++;
    else text += `[${luaText(key, depth)}] = `;
    text += `${luaText(member, depth + 1)};\n`;
  }
  return text === "" ? "{}" : `{\n${text}${indent.slice(1)}}`;
}

/** Every byte that is not plain ASCII is escaped: nothing in a text can be more than text. */
function luaString(text: string): string {
  const bytes = notAscii.test(text) ? Buffer.from(text.toWellFormed(), "utf8").toString("latin1") : text;
  return `"${bytes.replace(special, (char) => escapes[char] ?? decimal(char))}"`;
}

// deno-lint-ignore no-control-regex
const special = /[\u0000-\u001f"'\\\u007f-\u00ff]/g;
// deno-lint-ignore no-control-regex
const notAscii = /[^\u0000-\u007f]/;
const escapes: Record<string, string> = {
  ...{ '"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" },
  ...{ "\u0007": "\\a", "\b": "\\b", "\v": "\\v", "\f": "\\f" },
};
const decimal = (char: string) => `\\${String(char.charCodeAt(0)).padStart(3, "0")}`;
