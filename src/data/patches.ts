import { applyPatch, type Operation } from "rfc6902";
import { z } from "zod";
import { Problem } from "../core/problem.ts";

/** Makes another JSON document of one, which it may use up. */
export type Patch = (document: unknown) => unknown;

/** JSON Merge Patch (RFC 7396, 2). */
export const mergePatch = (patch: unknown): Patch => (document) => merge(document, patch);

/** JSON Patch (RFC 6902). @throws Problem `invalid` if it is none, and when it is used `conflict` */
export const jsonPatch = (value: unknown): Patch => operate(readOperations(value));

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
const mostCopies = 10; // each may double the document

const pointer = z.string().regex(/^($|\/)/, 'expected a JSON pointer, such as "/name"');
const schema = z.array(
  z.strictObject({
    op: z.enum(["add", "remove", "replace", "move", "copy", "test"]),
    path: pointer,
    from: pointer.optional(),
    value: z.unknown(),
  }),
).max(mostOperations, `expected ${mostOperations} operations at most`);

function readOperations(value: unknown): Operation[] {
  const read = schema.safeParse(value);
  const faults = read.success
    ? read.data.flatMap(({ op, from, ...rest }, i) => {
      if (["move", "copy"].includes(op) && from === undefined) return fault(i, "from", op);
      return ["add", "replace", "test"].includes(op) && !("value" in rest) ? fault(i, "value", op) : [];
    })
    : read.error.issues.map(({ path, message }) => ({ at: `/${path.join("/")}`, reason: message }));
  if (faults.length > 0) throw new Problem("invalid", "This is not a JSON Patch (RFC 6902).", faults);
  const operations = read.data as Operation[];
  if (operations.filter(({ op }) => op === "copy").length > mostCopies) {
    throw new Problem("invalid", `A patch may copy ${mostCopies} times at most.`);
  }
  return operations;
}

const fault = (i: number, name: string, op: string) => [{
  at: `/${i}/${name}`,
  reason: `${op} needs it.`,
}];

const operate = (operations: Operation[]): Patch => (document) => {
  const root = { document }; // an operation may replace the whole
  const moved = operations.map((one) => ({
    ...one,
    path: `/document${one.path}`,
    ...("from" in one && { from: `/document${one.from}` }),
  }));
  applyPatch(root, moved as Operation[]).forEach((error, i) => {
    if (!error) return;
    const { op, path } = operations[i] as Operation;
    if (error.name === "TestError") {
      throw new Problem("conflict", `The test of operation ${i} at ${path} failed.`);
    }
    throw new Problem("conflict", `Operation ${i} (${op}) has nothing to work on at ${path}.`);
  });
  return root.document;
};
