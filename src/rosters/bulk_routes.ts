import { Hono } from "hono";
import { z } from "zod";
import type { JsonLimits } from "../core/json.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { answerLines } from "../http/ndjson.ts";
import { notAllowed } from "../http/problem_response.ts";
import { checkShape, readQuery } from "../http/validate.ts";
import type { Rosters } from "./rosters.ts";

const user = z.string();
const line = z.strictObject({ user, roster: z.unknown().optional(), patch: z.unknown().optional() })
  .refine((value) => "roster" in value !== "patch" in value, {
    error: 'A line has either a "roster" or a "patch" beside its "user".',
  });
const bulkQuery = z.strictObject({ dry_run: z.enum(["true", "false"]).optional() });

/** `POST /v1/rosters`: a roster or a patch on each line; needs a key; see docs/http_api.md. */
export function rosterBulkRoutes(
  { rosters, authenticate, maxLine, limits }: {
    rosters: Rosters;
    authenticate: Authenticate;
    maxLine: number;
    limits: JsonLimits;
  },
): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use("/v1/rosters", requireKey(authenticate))
    .post("/v1/rosters", (c) => {
      const { actor } = c.var;
      rosters.requireWritable(actor);
      const dryRun = readQuery(c, bulkQuery).dry_run === "true";
      return answerLines(c, {
        ...{ most: maxLine, limits },
        name: userOf,
        run: (value) => runLine(checkShape(line, value, "line")),
      });

      async function runLine({ user, ...one }: z.infer<typeof line>) {
        const report = "roster" in one
          ? await rosters.put(actor, user, one.roster, { dryRun })
          : await rosters.patch(actor, user, one.patch, { dryRun });
        const { added, changed, removed } = report;
        const json = { ...report, status: 200, ...(dryRun && { dry_run: true }) };
        return { json, isChange: added.length + changed.length + removed.length > 0 };
      }
    })
    .all("/v1/rosters", () => notAllowed("POST"));
}

/** Whom a line is about, as far as it says so. */
function userOf(value: unknown): { user?: string } {
  const { user } = Object(value) as { user?: unknown };
  return typeof user === "string" ? { user: user.slice(0, 200) } : {};
}
