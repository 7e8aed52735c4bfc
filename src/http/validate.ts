import type { Context } from "hono";
import type { z } from "zod";
import { type Fault, Problem } from "../core/problem.ts";

/** The JSON body as the schema has it. @throws Problem `unsupported-media-type`, `bad-request`, `invalid` */
export async function readJson<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Problem("unsupported-media-type", "Send `Content-Type: application/json`.");
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await c.req.arrayBuffer()));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem("bad-request", "The body is not valid JSON.");
  }
  return check(schema, value, "body");
}

/** Query parameters as the schema has them. @throws Problem `invalid` */
export const readQuery = <T>(c: Context, schema: z.ZodType<T>): T => check(schema, c.req.query(), "query");

function check<T>(schema: z.ZodType<T>, value: unknown, where: "body" | "query"): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults: Fault[] = result.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
        at: pointer([...issue.path, key]),
        reason: "This member is not known here.",
      }))
      : [{ at: pointer(issue.path), reason: issue.message }]
  ).slice(0, 20);
  throw new Problem(
    "invalid",
    `The ${where} has ${faults.length === 1 ? "a wrong value" : "wrong values"}.`,
    faults,
  );
}

/** A JSON pointer (RFC 6901). */
const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
