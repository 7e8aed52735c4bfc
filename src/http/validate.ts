import type { Context } from "hono";
import type { z } from "zod";
import { type JsonLimits, parseJson, usualLimits } from "../core/json.ts";
import { type Fault, Problem } from "../core/problem.ts";
import { reasonOf } from "./reasons.ts";

/** The body. @throws Problem `too-large`, or `bad-request` if it breaks off */
export const readBytes = (c: Context): Promise<Uint8Array> =>
  c.req.arrayBuffer().then((buffer) => new Uint8Array(buffer), (error) => {
    throw error instanceof Problem ? error : new Problem("bad-request", "The body did not come to its end.");
  });

/**
 * The JSON body, whatever it says within these limits: for what is too large for a schema.
 * @throws Problem `unsupported-media-type`, `bad-request`, `too-large`
 */
export async function readValue(
  c: Context,
  limits: JsonLimits = usualLimits,
  types: readonly string[] = ["application/json"],
): Promise<unknown> {
  requireType(c, types);
  return await parseJson(await readBytes(c), limits);
}

/** The JSON body as the schema has it. @throws Problem as `readValue`, and `invalid` */
export const readJson = async <T>(c: Context, schema: z.ZodType<T>, limits?: JsonLimits): Promise<T> =>
  checkShape(schema, await readValue(c, limits), "body");

/** @throws Problem `unsupported-media-type` unless the body is said to be one of these types */
export function requireType(c: Context, types: readonly string[]): void {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && types.includes(type)) return;
  throw new Problem("unsupported-media-type", `Send \`Content-Type: ${types.join("` or `")}\`.`);
}

/** Query parameters as the schema has them. @throws Problem `invalid` */
export const readQuery = <T>(c: Context, schema: z.ZodType<T>): T =>
  checkShape(schema, c.req.query(), "query");

/** The value as the schema has it; `where` is what messages call it. @throws Problem `invalid` */
export function checkShape<T>(schema: z.ZodType<T>, value: unknown, where: "body" | "line" | "query"): T {
  const result = schema.safeParse(value, { error: reasonOf });
  if (result.success) return result.data;
  const all = result.error.issues.flatMap((issue): Fault[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
        at: pointer([...issue.path, key]),
        reason: "This member is not known here.",
      }))
      : [{ at: pointer(issue.path), reason: issue.message }]
  );
  // The last of each place: a number of 300 digits is too large for JavaScript before it is for us.
  const faults = [...new Map(all.map((fault) => [fault.at, fault])).values()].slice(0, 20);
  throw new Problem(
    "invalid",
    `The ${where} has ${faults.length === 1 ? "a wrong value" : "wrong values"}.`,
    faults,
  );
}

/** A JSON pointer (RFC 6901). */
const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
