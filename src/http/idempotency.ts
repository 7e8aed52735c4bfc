import type { Context } from "hono";
import { Problem } from "../core/problem.ts";

/** draft-ietf-httpapi-idempotency-key-header: a quoted string; one without quotes will do. @throws Problem */
export function idempotencyKey(c: Context): string | undefined {
  const key = c.req.header("idempotency-key")?.trim().replace(/^"(.*)"$/, "$1");
  if (key === undefined || /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem("bad-request", "An Idempotency-Key has 1 to 255 ASCII characters.");
}
