import type { Context, Hono } from "hono";
import type { HttpEnv } from "./env.ts";

/** Another page of ours, as the visitor who sent this request would get it. */
export type OpenPage = (c: Context<HttpEnv>, path: string) => Promise<Response>;

/** Asks the app itself: the page is in the same language, and no cookie or body goes along. */
export const createOpenPage = (app: () => Hono<HttpEnv>): OpenPage => async (c, path) => {
  const url = new URL(path, c.req.url);
  const lang = c.req.query("lang");
  if (lang !== undefined) url.searchParams.set("lang", lang);
  const language = c.req.header("accept-language");
  const headers = { accept: "text/html", ...(language !== undefined && { "accept-language": language }) };
  return await app().fetch(new Request(url, { headers }), c.env);
};
