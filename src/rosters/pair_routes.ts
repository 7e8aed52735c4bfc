import { Hono } from "hono";
import { z } from "zod";
import { usualLimits } from "../core/json.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readJson, readQuery } from "../http/validate.ts";
import { longestJid, mostGroups } from "./roster.ts";
import type { Rosters } from "./rosters.ts";

const mostPairs = 1_000;
// Twice what a request can mean: a list that is too long is better told of as such.
const limits = { ...usualLimits, values: 2 * mostPairs * (mostGroups + 10) };
/** A list whose length is looked at before its items: a million wrong ones would make a million messages. */
const list = <T extends z.ZodType>(item: T, most: number) =>
  z.array(z.unknown()).max(most).pipe(z.array(item));
const text = z.string().max(longestJid);
const users = z.tuple([text, text]);
const added = z.strictObject({
  users,
  names: z.tuple([text, text]).optional(),
  groups: list(text, mostGroups).optional(),
});
const pairsRequest = z.strictObject({
  add: list(added, mostPairs).optional(),
  remove: list(z.strictObject({ users }), mostPairs).optional(),
}).refine(({ add = [], remove = [] }) => add.length + remove.length <= mostPairs, {
  error: `A request may name ${mostPairs} pairs at most.`,
});
const pairsQuery = z.strictObject({ dry_run: z.enum(["true", "false"]).optional() });

/** `/v1/roster_pairs`: both sides at once; needs a key; see docs/http_api.md. */
export function rosterPairRoutes(rosters: Rosters, authenticate: Authenticate): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use("/v1/roster_pairs", requireKey(authenticate))
    .post("/v1/roster_pairs", async (c) => {
      rosters.requireWritable(c.var.actor);
      const dryRun = readQuery(c, pairsQuery).dry_run === "true";
      const reports = await rosters.pair(c.var.actor, await readJson(c, pairsRequest, limits), { dryRun });
      return c.json({ rosters: reports, ...(dryRun && { dry_run: true }) });
    })
    .all("/v1/roster_pairs", () => notAllowed("POST"));
}
