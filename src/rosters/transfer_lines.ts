import { Problem } from "../core/problem.ts";
import { type KeptRoster, rosterJson } from "./roster.ts";
import type { Incoming, LeftOut } from "./transfer.ts";

const longestLine = 1 << 26; // bytes: as much as a file of Prosody's may have
const newline = 10;
const members = new Set(["user", "version", "roster", "pending"]);

/** One user's line of an export, in NDJSON. */
export const exportLine = (user: string, { version, items, pending }: KeptRoster): string =>
  JSON.stringify({ user, version, roster: rosterJson(items), pending: Object.fromEntries(pending) }) + "\n";

/** What {@linkcode exportLine} has written. A line that cannot be read is told under its number. */
export async function* readExport(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Incoming, void> {
  let number = 0;
  for await (const line of linesOf(bytes)) {
    const username = `line ${++number}`;
    if (line === undefined) {
      yield { username, error: new Problem("too-large", `It has more than ${longestLine >> 20} MB.`) };
    } else if (line.length > 0) yield readLine(username, line);
  }
}

const mostStrange = 3; // lines to begin with: one may be damaged, but this is something else

/**
 * Passes on what {@linkcode readExport} reads, if it begins like an export.
 * @throws Problem `invalid`, once for all of it
 */
export async function* requireExport(entries: AsyncIterable<Incoming>): AsyncGenerator<Incoming, void> {
  const strange: Incoming[] = [];
  const refuse = () => {
    throw new Problem(
      "invalid",
      "it is no export of rosters, no SQLite file and no folder. Give Prosody's data folder (such as " +
        "/var/lib/prosody), its SQLite file, or what `couplet rosters export` has written. Nothing was imported",
    );
  };
  let isExport = false;
  for await (const entry of entries) {
    if (!isExport && "error" in entry && lineName.test(entry.username)) {
      if (strange.push(entry) === mostStrange) refuse();
      continue;
    }
    isExport = true;
    yield* strange.splice(0);
    yield entry;
  }
  if (strange.length > 0) refuse();
}

const lineName = /^line \d+$/;

function readLine(name: string, line: Uint8Array): Incoming {
  const wrong = (username: string, reason: string): Incoming => ({
    username,
    error: new Problem("invalid", reason),
  });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch {
    return wrong(name, "This is not JSON in UTF-8, or not all of it.");
  }
  if (!isObject(value) || typeof value.user !== "string") {
    return wrong(name, 'A line is an object: {"user": "ann", "version": 1, "roster": {}, "pending": {}}.');
  }
  const { user, version = 0, roster, pending = {} } = value;
  const unknown = Object.keys(value).find((member) => !members.has(member));
  if (unknown !== undefined) {
    return wrong(user, `The member ${JSON.stringify(unknown.slice(0, 100))} is not known here.`);
  }
  if (!isObject(roster) || !isObject(pending) || typeof version !== "number") {
    return wrong(user, "A roster and its pending requests are objects, its version is a number.");
  }
  const mapOf = (object: Record<string, unknown>) => new Map(Object.entries(object));
  return {
    username: user,
    roster: { version, items: mapOf(roster), pending: mapOf(pending) },
    size: line.length,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Lines without their ends; `undefined` for one that is too long. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | undefined, void> {
  let [pieces, size]: [Uint8Array[], number] = [[], 0];
  const take = (piece: Uint8Array) => {
    size += piece.length;
    if (size <= longestLine) pieces.push(piece);
    else pieces = [];
  };
  const finish = () => {
    const line = size > longestLine ? undefined : joined(pieces, size);
    [pieces, size] = [[], 0];
    return line;
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end; (end = chunk.indexOf(newline, start)) >= 0; start = end + 1) {
      take(chunk.subarray(start, end));
      yield finish();
    }
    take(chunk.subarray(start));
  }
  if (size > 0) yield finish();
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = pieces;
  if (first && pieces.length === 1) return first;
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** What was left out and why, for people. */
export const leftOutLine = ({ user, contact, version, reason }: LeftOut): string =>
  version !== undefined
    ? `${JSON.stringify(user)}: ${reason}`
    : contact === undefined
    ? `${JSON.stringify(user)} failed: ${reason}`
    : `${JSON.stringify(user)}: ${JSON.stringify(contact)} left out: ${reason}`;
