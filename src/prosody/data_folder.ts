import { open } from "node:fs/promises";
import { parseLua, writeLua } from "../core/lua_text.ts";
import type { LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import { reasonOf } from "../core/reason.ts";

/** What one user has in a store, or why it cannot be read. The host's own, beside all users', is that of `""`. */
export type Stored =
  | {
    readonly username: string;
    readonly value: LuaValue;
    /** Bytes, or about as many, that it has where it is kept. */
    readonly size: number;
  }
  | { readonly username: string; readonly error: Error };

const atOnce = 16; // files being read
const bytesAtOnce = 1 << 20; // of them; a larger one is read alone, because a value may take many times its text
const largest = 1 << 26; // bytes of a file: a host with 130,000 invites has as much
const mostValues = 3_000_000; // of a file, at most 900 MB; such a host has fewer
const [fewValues, bytesAValue] = [20_000, 4]; // Prosody writes none in less: a tab, a digit, `;` and a newline

/**
 * All that the users of a host have in a store of Prosody's `internal` storage, `DIR/HOST/STORE/USER.dat`, in no
 * order; nothing, if no user has any. What cannot be read is told, and the rest goes on.
 * @throws Deno.errors.NotFound if the folder `dir` is not there
 */
export async function* readStore(dir: string, host: string, store: string): AsyncGenerator<Stored> {
  const ahead: { readonly size: number; readonly stored: Promise<Stored> }[] = [];
  let held = 0;
  const first = async () => {
    const { size, stored } = ahead.shift()!;
    const one = await stored;
    held -= size;
    return one;
  };
  try {
    for await (const file of filesOf(dir, host, store)) {
      const size = sizeOf(file);
      while (ahead.length >= atOnce || (ahead.length > 0 && held + size > bytesAtOnce)) yield await first();
      held += size;
      ahead.push({ size, stored: readUser(file, size) });
    }
    while (ahead.length > 0) yield await first();
  } finally {
    await Promise.all(ahead.map(({ stored }) => stored)); // whoever stops early must not leave files open
  }
}

/**
 * The hosts that have something in one of these stores, in the order of their names.
 * @throws Deno.errors.NotFound if the folder `dir` is not there
 */
export async function listHosts(dir: string, stores: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const host = decodeName(name);
    if (host === undefined) continue;
    for (const store of stores) {
      const folder = folderOf(dir, host, store);
      if (!await isThere(`${folder}.dat`) && !await isThere(folder)) continue;
      found.push(host);
      break;
    }
  }
  return found.sort();
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
 * @throws Problem `invalid` for what {@linkcode writeLua} does not write, such as tables more than 127 levels deep
 * @throws LinkError if a folder inside `dir` is a symbolic link
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
  const text = `return ${writeLua(value, "file")};\n`;
  for (const inside of username === "" ? [parentOf(folder)] : [parentOf(folder), folder]) {
    await refuseLink(inside);
  }
  try {
    await replaceFile(path, text);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
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
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** 0 for what is not read, of which {@linkcode readUser} says why. */
function sizeOf({ path, usable }: UserFile): number {
  try {
    const { isFile, size } = Deno.statSync(path); // at once: as a promise each file would wait for the one before
    return usable && isFile && size <= largest ? size : 0;
  } catch {
    return 0;
  }
}

async function readUser({ username, path, usable }: UserFile, size: number): Promise<Stored> {
  try {
    if (!usable) throw new Problem("invalid", "Prosody gives no file of a user such a name.");
    if (size === 0) await requireReadable(path);
    return { username, value: parseFile(await Deno.readFile(path)), size };
  } catch (error) {
    return {
      username,
      error: error instanceof Problem ? error : new Problem("invalid", `${reasonOf(error)}.`),
    };
  }
}

function parseFile(bytes: Uint8Array): LuaValue {
  const values = Math.min(mostValues, fewValues + Math.floor(bytes.length / bytesAValue));
  return parseLua(bytes, { ...{ chunk: true, depth: 127 }, values, numbers: Infinity });
}

async function requireReadable(path: string): Promise<void> {
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) throw new Problem("invalid", "This is no file.");
  if (size > largest) throw new Problem("too-large", `The file has more than ${largest >> 20} MB.`);
}

/** A folder that leads elsewhere: whoever may write to Prosody's data could have root write anywhere. */
export class LinkError extends Error {
  override readonly name = "LinkError";
}

async function refuseLink(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  if (found?.isSymlink) {
    throw new LinkError(`${path} is a symbolic link, and nothing is written through one: put a folder there`);
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${parentOf(path)}/couplet-${crypto.randomUUID()}~`;
  const file = await open(draft, "wx", 0o600); // never a file, or a link, that is there already
  try {
    try {
      await file.writeFile(text);
      await file.chmod(0o640); // of what is open: the name may be a link by now
    } finally {
      await file.close();
    }
    await Deno.rename(draft, path); // which replaces a link, and does not follow it
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
