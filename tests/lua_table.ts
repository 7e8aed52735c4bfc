// @ts-types="npm:@types/luaparse@0.2.13"
import luaparse, { type Expression } from "luaparse";

/** What a Lua literal, or a program that returns one, stands for: a table with names as an object, else as a list. */
export function readLua(literal: string): unknown {
  const program = /^(return|local function) /.test(literal) ? literal : `return ${literal}`;
  const bytes = String.fromCharCode(...new TextEncoder().encode(program)); // Lua reads bytes
  const { body } = luaparse.parse(bytes, { luaVersion: "5.3", encodingMode: "pseudo-latin1" });
  const statement = body.at(-1);
  if (statement?.type !== "ReturnStatement" || !statement.arguments[0]) throw new SyntaxError(literal);
  return valueOf(statement.arguments[0]);
}

function valueOf(node: Expression): unknown {
  if (node.type === "CallExpression" && node.base.type === "Identifier" && node.base.name === "b") {
    const [name, groups] = node.arguments.map(valueOf); // a contact in short: see rosters/stanzas.ts
    return { name, subscription: "both", groups };
  }
  if (node.type === "StringLiteral") return utf8(node.value);
  if (node.type === "NumericLiteral" || node.type === "BooleanLiteral") return node.value;
  if (node.type === "UnaryExpression" && node.operator === "-") return -Number(valueOf(node.argument));
  if (node.type !== "TableConstructorExpression") throw new SyntaxError(`${node.type} is no literal`);
  if (node.fields.every(({ type }) => type === "TableValue") && node.fields.length > 0) {
    return node.fields.map(({ value }) => valueOf(value));
  }
  return Object.fromEntries(node.fields.map((field) => {
    if (field.type === "TableKeyString") return [field.key.name, valueOf(field.value)];
    if (field.type !== "TableKey") throw new SyntaxError(`${field.type} is not expected`);
    return [String(valueOf(field.key)), valueOf(field.value)];
  }));
}

const utf8 = (bytes: string): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
