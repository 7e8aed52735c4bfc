import { Buffer } from "node:buffer";
// @ts-types="npm:@types/luaparse@0.2.13"
import luaparse, { type Expression } from "luaparse";
import { Problem } from "../core/problem.ts";

/** What Prosody keeps: Lua's own values; nil is `undefined`. */
export type LuaValue = string | number | boolean | LuaTable | undefined;

/** A Lua table: its keys may be text, numbers and, as in rosters, `false`; a list has the keys 1, 2, 3 and so on. */
export type LuaTable = Map<string | number | boolean, LuaValue>;

/** What one user has in a store, or why it cannot be read. The host's own, beside all users', is that of `""`. */
export type Stored =
  | { readonly username: string; readonly value: LuaValue }
  | { readonly username: string; readonly error: Error };

const atOnce = 16; // files being read
const largest = 1 << 26; // bytes of a file: a host with 130,000 invites has as much
const mostNodes = 4_000_000; // of a syntax tree, about 1 GB: that host has as many
const deepest = 127; // tables in tables: Prosody writes no more

/**
 * All that the users of a host have in a store of Prosody's `internal` storage, `DIR/HOST/STORE/USER.dat`, in no
 * order; nothing, if no user has any. What cannot be read is told, and the rest goes on.
 * @throws Deno.errors.NotFound if the folder `dir` is not there
 */
export async function* readStore(dir: string, host: string, store: string): AsyncGenerator<Stored> {
  const ahead: Promise<Stored>[] = [];
  try {
    for await (const file of filesOf(dir, host, store)) {
      ahead.push(readUser(file));
      if (ahead.length >= atOnce) yield await (ahead.shift() as Promise<Stored>);
    }
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) yield await next;
  } finally {
    await Promise.all(ahead); // whoever stops early must not leave files open
  }
}

/** How many {@linkcode readStore} would yield, without opening them. */
export async function countStore(dir: string, host: string, store: string): Promise<number> {
  let count = 0;
  for await (const _ of filesOf(dir, host, store)) count++;
  return count;
}

/**
 * Writes what one user has as Prosody does, in place of what was there: whole or not at all, for its owner and group
 * (0640). The host's own goes to the user `""`.
 * @throws Problem `invalid` if a number is not finite, or tables are more than 127 levels deep
 */
export async function writeStore(
  dir: string,
  host: string,
  store: string,
  username: string,
  value: LuaValue,
): Promise<void> {
  const folder = folderOf(dir, host, store);
  const path = username === "" ? `${folder}.dat` : `${folder}/${encodeName(username)}.dat`;
  const text = `return ${luaText(value, 1)};\n`;
  try {
    await replaceFile(path, text);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await Deno.mkdir(parentOf(path), { recursive: true, mode: 0o750 });
    await replaceFile(path, text);
  }
}

interface UserFile {
  readonly username: string;
  readonly path: string;
  /** Whether Prosody would look for this user in this file. */
  readonly usable: boolean;
}

async function* filesOf(dir: string, host: string, store: string): AsyncGenerator<UserFile> {
  await Deno.stat(dir); // a wrong path is a mistake, a store that nobody has used yet is none
  const folder = folderOf(dir, host, store);
  const own = `${folder}.dat`;
  if (await isThere(own)) yield { username: "", path: own, usable: true };
  if (!await isThere(folder)) return;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".dat")) continue;
    const username = decodeName(name.slice(0, -4));
    yield { username: username ?? name, path: `${folder}/${name}`, usable: username !== undefined };
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function readUser({ username, path, usable }: UserFile): Promise<Stored> {
  try {
    if (!usable) throw new Problem("invalid", "Prosody gives no file of a user such a name.");
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new Problem("invalid", "This is no file.");
    if (size > largest) throw new Problem("too-large", `The file has more than ${largest >> 20} MB.`);
    return { username, value: readLua(await Deno.readFile(path)) };
  } catch (error) {
    return { username, error: error as Error };
  }
}

/** The value of `return LITERAL`. Nothing is ever run. @throws Problem `invalid` or `too-large` */
function readLua(bytes: Uint8Array<ArrayBuffer>): LuaValue {
  let nodes = 0;
  const onCreateNode = () => {
    if (++nodes > mostNodes) throw new Problem("too-large", "The file holds more than can be read at once.");
  };
  try {
    // Lua's text is bytes: each is one character here, until its UTF-8 is read below.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const { body: [statement, ...others] } = luaparse.parse(text, {
      ...{ luaVersion: "5.3", encodingMode: "pseudo-latin1", comments: false },
      ...(bytes.length > mostNodes && { onCreateNode }), // each node takes a byte: a smaller file needs no count
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

function luaText(value: LuaValue, depth: number): string {
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

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = await Deno.makeTempFile({ dir: parentOf(path), prefix: "couplet-", suffix: "~" });
  try {
    await Deno.writeTextFile(draft, text);
    await Deno.chmod(draft, 0o640);
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {}); // what went wrong first is what counts
    throw error;
  }
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/"));

/** The names of stores keep their underscores, those of hosts and users do not. */
const folderOf = (dir: string, host: string, store: string) =>
  `${dir}/${encodeName(host)}/${encodeName(store).replaceAll("%5f", "_")}`;

/** Every byte but ASCII's letters and digits as `%xx`. */
const encodeName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /%..|[^A-Za-z0-9]/g,
    (char) => char.length === 3 ? char.toLowerCase() : `%${char.charCodeAt(0).toString(16)}`,
  );

/** `undefined` for a name that {@linkcode encodeName} never makes. */
function decodeName(encoded: string): string | undefined {
  try {
    const name = decodeURIComponent(encoded);
    return name !== "" && encodeName(name) === encoded ? name : undefined;
  } catch {
    return undefined;
  }
}
