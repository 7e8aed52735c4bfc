import { Hono } from "hono";
import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import { type Authenticate, requireKey } from "../http/auth.ts";
import type { HttpEnv } from "../http/env.ts";
import { etagOf, ifMatch } from "../http/etag.ts";
import { idempotencyKey } from "../http/idempotency.ts";
import { nextPage } from "../http/paging.ts";
import { notAllowed } from "../http/problem_response.ts";
import { checkShape, readJson, readQuery, readValue } from "../http/validate.ts";
import { versionOf } from "./change.ts";
import { inviteJson, inviteStates } from "./invite.ts";
import type { Invites } from "./invites.ts";

const text = z.string().max(1024);
const ttl = z.union([
  z.literal("never").transform(() => Infinity),
  z.int().min(1).max(1e9).transform((seconds) => seconds * 1000),
  z.string().transform((written, context) => {
    const value = parseDuration(written);
    if (value === undefined) context.addIssue('Give seconds, a time such as "12h" or "7d", or "never".');
    return value ?? z.NEVER;
  }),
], { error: 'Give whole seconds above 0 as a number, a time such as "12h" or "7d", or "never".' });

const maxUses = z.int().min(1).max(1_000_000).nullable();
const note = z.string().max(1000);

/** The body of `POST /v1/invites`. An unknown member is an error: a misspelt limit must not go unheard. */
export const inviteRequest = z.strictObject({
  username: text.optional(),
  contact: text.optional(),
  register: z.boolean().optional(),
  for: text.optional(),
  reset: text.optional(),
  ttl: ttl.optional(),
  max_uses: maxUses.optional(),
  groups: z.array(text).max(50).optional(),
  roles: z.array(text).max(50).optional(),
  note: note.optional(),
  template: text.optional(),
});

const aTime = 'Give a time such as "2026-12-31T12:00:00Z", or null.';

/** The body of `PATCH /v1/invites/ID`; `null` takes a note or an end away. */
const inviteChange = z.strictObject({
  paused: z.boolean().optional(),
  note: note.nullable().optional(),
  ttl: ttl.optional(),
  expires_at: z.iso.datetime({ offset: true, error: aTime }).transform(Date.parse).nullable().optional(),
  max_uses: maxUses.optional(),
});
const patchTypes = ["application/merge-patch+json", "application/json"];

const listQuery = z.strictObject({
  state: z.enum(inviteStates).optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** `/v1/invites`: needs a key; see docs/http_api.md. */
export function inviteRoutes(invites: Invites, authenticate: Authenticate): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use(requireKey(authenticate))
    .post("/", async (c) => {
      const invite = await invites.create(c.var.actor, await readJson(c, inviteRequest), idempotencyKey(c));
      return c.json(inviteJson(invite), 201, { location: invite.landing_page, "cache-control": "no-store" });
    })
    .get("/", async (c) => {
      const page = await invites.list(c.var.actor, readQuery(c, listQuery));
      const { next } = page;
      return c.json({
        invites: page.invites.map(inviteJson),
        ...(next && { next: nextPage(c.req.url, next) }),
      });
    })
    .get("/:invite", async (c) => {
      const { redeemed_by, ...invite } = await invites.show(c.var.actor, c.req.param("invite"));
      const redeemers = redeemed_by.map(({ jid, at }) => ({ jid, at: new Date(at).toISOString() }));
      return c.json({ ...inviteJson(invite), redeemed_by: redeemers }, 200, {
        etag: etagOf(versionOf(invite)),
      });
    })
    .patch("/:invite", async (c) => {
      const change = checkShape(inviteChange, await readValue(c, undefined, patchTypes), "body");
      const invite = await invites.change(c.var.actor, c.req.param("invite"), change, ifMatch(c));
      return c.json(inviteJson(invite), 200, { etag: etagOf(versionOf(invite)) });
    })
    .delete("/:invite", async (c) => {
      await invites.revoke(c.var.actor, c.req.param("invite"));
      return c.body(null, 204);
    })
    .all("/", () => notAllowed("GET, HEAD, POST"))
    .all("/:invite", () => notAllowed("GET, HEAD, PATCH, DELETE"));
}
