import { type Context, Hono } from "hono";
import { z } from "zod";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { etagOf } from "../http/etag.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readQuery } from "../http/validate.ts";
import { askerOf, challenging } from "./asker_routes.ts";
import type { DataRouteNeeds } from "./data_routes.ts";
import { preflight, shown } from "./routes.ts";

const undoQuery = z.strictObject({
  version: z.string().regex(/^[0-9]{1,15}$/, "expected the id of a version"),
}).partial();

/** `/v1/data/USER[/STORE[/versions[/ID]|/undo]]`: the same data, with what there is and what there was. */
export function dataApiRoutes({ data, answerStore, publicUrl, ...needs }: DataRouteNeeds): Hono<HttpEnv> {
  const userOf = (c: Context<HttpEnv>) => {
    const user = normaliseLocal(c.req.param("user") ?? "");
    if (user === undefined) throw new Problem("not-found", "This is no username: write ann, not ann@HOST.");
    return user;
  };
  const at = async (c: Context<HttpEnv>) => ({
    asker: await askerOf(c, needs),
    place: { user: userOf(c), store: c.req.param("store") ?? "" },
  });

  return new Hono<HttpEnv>()
    .options("/v1/data/*", preflight)
    .get(
      "/v1/data/:user",
      challenging(async (c) => {
        const asker = await askerOf(c, needs);
        return c.json({ stores: await data.list(asker, userOf(c)) }, 200, { "cache-control": "no-store" });
      }),
    )
    .all("/v1/data/:user", () => notAllowed("GET, HEAD"))
    .get(
      "/v1/data/:user/:store/versions",
      challenging(async (c) => {
        const { asker, place } = await at(c);
        const versions = (await data.versions.list(asker, place)).map(({ replaced_at, ...version }) => ({
          ...version,
          replaced_at: new Date(replaced_at).toISOString(),
        }));
        return c.json({ versions }, 200, { "cache-control": "no-store" });
      }),
    )
    .get(
      "/v1/data/:user/:store/versions/:id{[0-9]{1,15}}",
      challenging(async (c) => {
        const { asker, place } = await at(c);
        const document = await data.versions.get(asker, place, "read", Number(c.req.param("id")));
        if (!document) throw new Problem("not-found", "There was nothing here before that change.");
        return shown(c, document);
      }),
    )
    .post(
      "/v1/data/:user/:store/undo",
      challenging(async (c) => {
        if (isForm(c)) throw new Problem("not-allowed", "A form of a web page may not do this.");
        const { asker, place } = await at(c);
        const { version } = readQuery(c, undoQuery);
        const { etag } = await data.undo(asker, place, version === undefined ? undefined : Number(version));
        return new Response(null, {
          status: 204,
          ...(etag !== undefined && { headers: { etag: etagOf(etag) } }),
        });
      }),
    )
    .all("/v1/data/:user/:store/undo", () => notAllowed("POST"))
    .get("/v1/data/:user/:store/versions/*", () => {
      throw new Problem("not-found", "A version's id is a number.");
    })
    .all("/v1/data/:user/:store/versions/*", () => notAllowed("GET, HEAD"))
    .all(
      "/v1/data/:user/:store",
      challenging(async (c) => {
        const { asker, place } = await at(c);
        const location = `${publicUrl(c.var.host)}/v1/data/${encodeURIComponent(place.user)}/${place.store}`;
        return await answerStore(c, { asker, place, location });
      }),
    );
}

/**
 * Whether a page sent this without asking first: a browser adds the Basic credentials that it knows, whosever page
 * it is. Other requests that change anything have a method or a type that it has to ask for.
 */
const isForm = (c: Context): boolean =>
  ["navigate", "no-cors"].includes(c.req.header("sec-fetch-mode") ?? "") ||
  /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i
    .test(c.req.header("content-type") ?? "");
