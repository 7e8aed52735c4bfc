import type { JsonLimits } from "./json.ts";
import { Problem } from "./problem.ts";

const stretch = 500; // steps between two pauses
const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What may come next, as an error says it. */
const expect = {
  value: "a value",
  itemOrEnd: 'a value or "]"',
  name: "a name in quotes",
  nameOrEnd: 'a name in quotes or "}"',
  colon: '":"',
  moreItems: '"," or "]"',
  moreMembers: '"," or "}"',
  nothing: "nothing more",
} as const;

/**
 * Looks through a text before it is parsed, without keeping any of it; pauses now and then for whoever runs this.
 * @throws Problem `bad-request` if it is not JSON (RFC 8259), exceeds a limit, or an object names a member twice
 */
export function* scanJson(text: string, limits: JsonLimits, what: string): Generator<void, void> {
  const fail = (says: string, at: number) =>
    new Problem("bad-request", `${what} ${says} at ${place(text, at)}.`);
  const open: (Set<string> | undefined)[] = []; // an object's names so far; nothing for an array
  const names = new Set<string>();
  let [next, at, values]: [string, number, number] = [expect.value, 0, 0];
  let own: Set<string> | undefined;
  const ended = () => next = open.length === 0 ? expect.nothing : own ? expect.moreMembers : expect.moreItems;
  const begin = (mine: Set<string> | undefined) => {
    if (open.length === limits.depth) throw fail(`has more than ${limits.depth} levels`, at);
    open.push(own = mine);
    next = mine ? expect.nameOrEnd : expect.itemOrEnd;
  };
  for (let steps = 1;; steps++) {
    if (steps % stretch === 0) yield;
    at = afterBlanks(text, at);
    const code = text.charCodeAt(at);
    let end = at + 1;
    if (at === text.length) {
      if (next === expect.nothing) return;
      throw fail(`is not JSON: it ends where ${next} was expected,`, at);
    } else if (next === expect.value || (next === expect.itemOrEnd && code !== closeArray)) {
      if (++values > limits.values) throw fail(`has more than ${limits.values} values`, at);
      if (code === openObject) begin(new Set());
      else if (code === openArray) begin(undefined);
      else {
        end = code === quote ? endOfString(text, at) : endOfWord(text, at);
        if (end < 0) throw fail("is not JSON: a string has no end, or holds what it may not,", -end);
        if (end === at) throw fail(`is not JSON: expected ${next}`, at);
        ended();
      }
    } else if (code === quote && (next === expect.name || next === expect.nameOrEnd)) {
      end = endOfString(text, at);
      if (end < 0) throw fail("is not JSON: a name has no end, or holds what it may not,", -end);
      const name = nameOf(text.slice(at, end));
      if (own!.has(name)) throw fail("names a member twice in one object", at);
      own!.add(name);
      if (names.add(name).size > limits.names) {
        throw fail(`has more than ${limits.names} different names`, at);
      }
      next = expect.colon;
    } else if (code === colon && next === expect.colon) next = expect.value;
    else if (code === comma && next === expect.moreItems) next = expect.value;
    else if (code === comma && next === expect.moreMembers) next = expect.name;
    else if (
      (code === closeArray && (next === expect.itemOrEnd || next === expect.moreItems)) ||
      (code === closeObject && (next === expect.nameOrEnd || next === expect.moreMembers))
    ) {
      open.pop();
      own = open.at(-1);
      ended();
    } else throw fail(`is not JSON: expected ${next}`, at);
    at = end;
  }
}

/**
 * A name in quotes, without its escapes. The first of the quotes stays: what looks like a number would be hashed as
 * one, which somebody can foresee and make collide.
 */
const nameOf = (raw: string): string => raw.includes("\\") ? `"${JSON.parse(raw)}"` : raw;

function afterBlanks(text: string, at: number): number {
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
  return at;
}

/** Where the string ends that begins here; if it is wrong, where, negated. */
function endOfString(text: string, at: number): number {
  for (at++; at < text.length;) { // charCodeAt beyond the end is NaN, and all of the loop slow
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === backslash) {
      const end = endOfEscape(text, at);
      if (end === at) return -at;
      at = end;
    } else if (code >= 0x20) at++;
    else return -at;
  }
  return -at;
}

/** Where the escape ends that begins here: right here if it is none. */
function endOfEscape(text: string, at: number): number {
  const letter = text.charAt(at + 1);
  if (letter !== "u") return letter !== "" && '"\\/bfnrt'.includes(letter) ? at + 2 : at;
  for (let i = at + 2; i < at + 6; i++) if (!isHex(text.charCodeAt(i))) return at;
  return at + 6;
}

const isHex = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);

const word = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** Where the number, `true`, `false` or `null` ends that begins here: right here if it is none. */
function endOfWord(text: string, at: number): number {
  word.lastIndex = at;
  return word.test(text) ? word.lastIndex : at;
}

/** For people: lines and characters count from 1. */
function place(text: string, at: number): string {
  let [line, start] = [1, 0];
  for (let i = 0; i < at; i++) {
    if (text.charCodeAt(i) !== 0x0a) continue;
    line++;
    start = i + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}
