import { type Context, Hono } from "hono";
import { z } from "zod";
import { Problem } from "../core/problem.ts";
import type { JsonLimits } from "../core/json.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { etagOf, ifMatch, ifNoneMatch, isKnown } from "../http/etag.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readQuery, readValue } from "../http/validate.ts";
import type { ChangeReport } from "./change.ts";
import { rosterJson } from "./roster.ts";
import type { EditOptions, Rosters } from "./rosters.ts";

const editQuery = z.strictObject({ dry_run: z.enum(["true", "false"]).optional() });
const patchTypes = ["application/merge-patch+json", "application/json"];

/** `/v1/rosters/USER` and its contacts: needs a key; see docs/http_api.md. */
export function rosterRoutes(
  { rosters, authenticate, limits }: { rosters: Rosters; authenticate: Authenticate; limits: JsonLimits },
): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use("/v1/rosters/:user/*", requireKey(authenticate))
    .get("/v1/rosters/:user", async (c) => {
      const { items, version } = await rosters.get(c.var.actor, c.req.param("user"));
      return versioned(c, version, () => rosterJson(items));
    })
    .put("/v1/rosters/:user", async (c) => {
      const [actor, options] = [writer(c, rosters), editOptions(c)];
      return reported(
        c,
        await rosters.put(actor, c.req.param("user"), await readValue(c, limits), options),
        options,
      );
    })
    .patch("/v1/rosters/:user", async (c) => {
      const [actor, options] = [writer(c, rosters), editOptions(c)];
      const patch = await readValue(c, limits, patchTypes);
      return reported(c, await rosters.patch(actor, c.req.param("user"), patch, options), options);
    })
    .all("/v1/rosters/:user", () => notAllowed("GET, HEAD, PUT, PATCH"))
    .get("/v1/rosters/:user/:jid", async (c) => {
      const { user, jid } = c.req.param();
      const { item, version } = await rosters.getItem(c.var.actor, user, jid);
      return versioned(c, version, () => item);
    })
    .put("/v1/rosters/:user/:jid", async (c) => {
      const [actor, options, { user, jid }] = [writer(c, rosters), editOptions(c), c.req.param()];
      const report = await rosters.putItem(actor, user, jid, await readValue(c, limits), options);
      return reported(c, report, options, isAddition(report) ? 201 : 200);
    })
    .patch("/v1/rosters/:user/:jid", async (c) => {
      const [actor, options, { user, jid }] = [writer(c, rosters), editOptions(c), c.req.param()];
      const patch = await readValue(c, limits, patchTypes);
      if (patch === null) throw new Problem("invalid", "A contact's patch is an object; DELETE removes it.");
      const report = await rosters.patch(actor, user, { [jid]: patch }, options);
      return reported(c, report, options, isAddition(report) ? 201 : 200);
    })
    .delete("/v1/rosters/:user/:jid", async (c) => {
      const [actor, options, { user, jid }] = [writer(c, rosters), editOptions(c), c.req.param()];
      const report = await rosters.removeItem(actor, user, jid, options);
      return options.dryRun
        ? reported(c, report, options)
        : c.body(null, 204, { etag: etagOf(report.version) });
    })
    .all("/v1/rosters/:user/:jid", () => notAllowed("GET, HEAD, PUT, PATCH, DELETE"));
}

/** Who writes: known to be allowed to before the body is read. */
function writer(c: Context<HttpEnv>, rosters: Rosters) {
  rosters.requireWritable(c.var.actor);
  return c.var.actor;
}

function editOptions(c: Context<HttpEnv>): EditOptions {
  return {
    ifMatch: ifMatch(c),
    ifAbsent: ifNoneMatch(c),
    dryRun: readQuery(c, editQuery).dry_run === "true",
  };
}

const isAddition = ({ added }: ChangeReport) => added.length > 0;

function versioned(c: Context<HttpEnv>, version: number, json: () => object): Response {
  const etag = etagOf(version);
  return isKnown(c, version) ? c.body(null, 304, { etag }) : c.json(json(), 200, { etag });
}

/** What was changed. The version of a dry run is nobody's yet, and no tag. */
function reported(
  c: Context<HttpEnv>,
  report: ChangeReport,
  { dryRun }: EditOptions,
  status: 200 | 201 = 200,
): Response {
  return dryRun
    ? c.json({ ...report, dry_run: true })
    : c.json(report, status, { etag: etagOf(report.version) });
}
