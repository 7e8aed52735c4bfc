import type { Context } from "hono";
import { z } from "zod";
import type { HttpEnv } from "../http/env.ts";
import { readQuery } from "../http/validate.ts";
import { qrSvg } from "../web/qr.ts";
import { publicView, type Shown } from "./landing.ts";

/** What `/invite/TOKEN` can be had as, besides its page. */
export const otherForms = ["application/json", "text/uri-list", "image/svg+xml", "image/png"] as const;

const pictureQuery = z.object({
  size: z.coerce.number().int().min(100).max(1000).default(400),
  of: z.enum(["page", "uri"]).default("page"),
});

/** An invite that can be used, as programs and printers want it. @throws Problem `invalid` for a wrong size */
export async function otherForm(c: Context<HttpEnv>, form: string, invite: Shown): Promise<Response> {
  const headers = {
    "content-type": form,
    "vary": "Accept, Accept-Language",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "link": `<${invite.uri}>; rel="alternate"`,
  };
  if (form === "application/json") return new Response(JSON.stringify(publicView(invite)), { headers });
  if (form === "text/uri-list") { // RFC 2483, 5
    return new Response(`${invite.uri}\r\n${invite.landing_page}\r\n`, {
      headers: { ...headers, "content-type": "text/uri-list; charset=utf-8" },
    });
  }
  const { size, of } = readQuery(c, pictureQuery);
  const text = of === "uri" ? invite.uri : invite.landing_page;
  if (form === "image/svg+xml") return new Response(qrSvg(text, text), { headers });
  const { qrPng } = await import("../web/qr_png.ts"); // rarely wanted, and large
  return new Response(qrPng(text, size), { headers });
}
