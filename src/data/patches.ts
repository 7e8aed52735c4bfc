import { z } from "zod";
import { Problem } from "../core/problem.ts";

/** Makes another JSON document of one, which it may use up. */
export type Patch = (document: unknown) => unknown;

/** JSON Merge Patch (RFC 7396, 2). */
export const mergePatch = (patch: unknown): Patch => (document) => merge(document, patch);

/**
 * JSON Patch (RFC 6902).
 * @param isBlind refuses what could bring to light what is there: what is moved from under its name is hidden no more
 * @throws Problem `invalid` if it is none, `not-allowed`, and when it is used `conflict`
 */
export function jsonPatch(value: unknown, isBlind = false): Patch {
  const operations = readOperations(value);
  if (isBlind && operations.some(({ op }) => ["copy", "move", "test"].includes(op))) {
    throw new Problem("not-allowed", "To copy, move or test what is hidden needs the scope data:secrets.");
  }
  return operate(operations);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, merge(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const mostOperations = 100;
const longest = 1_000_000; // characters of all that a patch copies: each copy may double the document

const operators = ["add", "remove", "replace", "move", "copy", "test"] as const;
const notPointer = 'expected a JSON pointer, such as "/name"';
const pointer = z.string(notPointer).regex(/^(?:\/(?:[^~]|~[01])*)?$/, notPointer);
const operation = z.object({ // other members are left alone (RFC 6902, 4)
  op: z.enum(operators, `expected one of ${operators.join(", ")}`),
  path: pointer,
  from: pointer.optional(),
  value: z.unknown().optional(),
}, "expected an operation");
const schema = z.array(operation, "expected a list of operations")
  .max(mostOperations, `expected ${mostOperations} operations at most`);

function readOperations(value: unknown): Operation[] {
  const read = schema.safeParse(value);
  const faults = read.success
    ? read.data.flatMap(({ op, from, ...rest }, i) => {
      if (["move", "copy"].includes(op) && from === undefined) return fault(i, "from", op);
      return ["add", "replace", "test"].includes(op) && !("value" in rest) ? fault(i, "value", op) : [];
    })
    : read.error.issues.map(({ path, message }) => ({
      at: path.map((step) => `/${String(step)}`).join(""),
      reason: message,
    }));
  if (faults.length > 0) {
    throw new Problem("invalid", "This is not a JSON Patch (RFC 6902).", faults.slice(0, 20));
  }
  return read.data as Operation[];
}

const fault = (i: number, name: string, op: string) => [{
  at: `/${i}/${name}`,
  reason: `${op} needs it`,
}];

type Operation = z.infer<typeof operation>;

/** The last step to what an operation works on, and from where; what is there may be nothing yet. */
interface Spot {
  readonly parent: unknown;
  readonly step: string;
}

/** By hand: a library's pointers lead into what objects inherit, or to the length of a list. */
const operate = (operations: readonly Operation[]): Patch => (document) => {
  const root = { document }; // an operation may replace the whole
  let copied = 0;
  for (const [i, { op, path, from = "", value }] of operations.entries()) {
    const nothing = (where: string) =>
      new Problem("conflict", `Operation ${i} (${op}) has nothing to work on at ${where || "the whole"}.`);
    const get = (where: string): unknown => {
      const spot = spotOf(root, where);
      if (!spot || !isThere(spot)) throw nothing(where);
      return memberOf(spot);
    };
    const add = (what: unknown) => {
      const spot = spotOf(root, path);
      if (!spot || !insert(spot, what)) throw nothing(path);
    };
    if (op === "test") {
      if (!isEqual(get(path), value)) throw new Problem("conflict", `The test of operation ${i} failed.`);
    } else if (op === "add") add(structuredClone(value)); // a patch may be used again
    else if (op === "replace") {
      get(path);
      assign(spotOf(root, path)!, structuredClone(value));
    } else if (op === "remove") {
      get(path);
      remove(spotOf(root, path)!);
    } else if (op === "move") {
      const moved = get(from);
      if (path === from) continue;
      if (path.startsWith(`${from}/`)) throw nothing(path);
      remove(spotOf(root, from)!);
      add(moved);
    } else {
      const found = get(from);
      copied += sizeOf(found);
      if (copied > longest) throw new Problem("too-large", "The patch makes too much of this.");
      add(structuredClone(found));
    }
  }
  return root.document;
};

/** Where a JSON pointer leads to (RFC 6901, 4); `undefined` if there is no way there. */
function spotOf(root: { document: unknown }, path: string): Spot | undefined {
  let spot: Spot = { parent: root, step: "document" };
  for (const escaped of path.split("/").slice(1)) {
    if (!isThere(spot)) return undefined;
    spot = { parent: memberOf(spot), step: escaped.replaceAll("~1", "/").replaceAll("~0", "~") };
  }
  return spot;
}

function isThere({ parent, step }: Spot): boolean {
  if (Array.isArray(parent)) return index.test(step) && Number(step) < parent.length;
  return isObject(parent) && Object.hasOwn(parent, step);
}
const index = /^(?:0|[1-9][0-9]{0,8})$/;

const memberOf = ({ parent, step }: Spot): unknown => (parent as Record<string, unknown>)[step];

/** `false` if there is no such place. */
function insert(spot: Spot, value: unknown): boolean {
  const { parent, step } = spot;
  if (isObject(parent)) assign(spot, value);
  else if (!Array.isArray(parent)) return false;
  else if (step === "-") parent.push(value);
  else if (index.test(step) && Number(step) <= parent.length) parent.splice(Number(step), 0, value);
  else return false;
  return true;
}

/** A member's own, whatever it is called. */
const assign = ({ parent, step }: Spot, value: unknown): void =>
  void Object.defineProperty(parent, step, {
    ...{ value, configurable: true, enumerable: true, writable: true },
  });

function remove({ parent, step }: Spot): void {
  if (Array.isArray(parent)) parent.splice(Number(step), 1);
  else delete (parent as Record<string, unknown>)[step];
}

/** As JSON compares (RFC 6902, 4.6). */
function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (isNumber(a) && isNumber(b)) return a == b; // 1e17 is 100000000000000000n
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]));
}

const isNumber = (value: unknown) => typeof value === "number" || typeof value === "bigint";

/** Characters, roughly, as JSON has it. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length + 3;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 2);
  if (!isObject(value)) return 5;
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + 4 + sizeOf(member), 2);
}
