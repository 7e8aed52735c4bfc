import { Hono } from "hono";
import { Problem } from "../core/problem.ts";
import type { HttpEnv } from "../http/env.ts";
import type { Assets } from "../web/assets.ts";

/** `/assets/NAME`: for ever the same. An SVG that is opened by itself runs nothing. */
export function assetRoutes(assets: Assets): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get("/assets/:name", (c) => {
    const asset = assets.find(c.req.param("name"));
    if (!asset) throw new Problem("not-found", "Nothing is served at this address.");
    return new Response(asset.body, {
      headers: {
        "content-type": asset.type,
        "cache-control": "public, max-age=31536000, immutable",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
      },
    });
  });
}
