import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { createGate, type Gate } from "../core/gate.ts";
import { parseJson, smallJson } from "../core/json.ts";
import { parseLua } from "../core/lua_text.ts";
import { Problem } from "../core/problem.ts";
import { letOthersRun } from "../core/turn.ts";
import { etagOf, ifMatch, ifNoneMatch, isKnown } from "../http/etag.ts";
import type { HttpEnv } from "../http/env.ts";
import { notAllowed } from "../http/problem_response.ts";
import { readBytes } from "../http/validate.ts";
import type { Asker } from "./asker.ts";
import { appending, type Change, changeBy, documentFrom, patchTypes } from "./changes.ts";
import type { Changed, UserData } from "./data.ts";
import type { Document } from "./document.ts";
import type { Place, Right } from "./rights.ts";

/** The two forms that a value may have, and what they are called. */
export const formats = { json: "application/json", lua: "text/x-lua" } as const;
export type Format = keyof typeof formats;

/** Where a request leads, and who sent it. */
export interface Target {
  readonly asker: Asker;
  readonly place: Place;
  /** Asked for in the path. */
  readonly format?: Format | undefined;
  /** What the answer to a PUT or POST gives as its Location. */
  readonly location: string;
}

export const storeMethods = "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS";

/** What a browser asks first. */
export const preflight = () => new Response(null, { status: 200, headers: preflightHeaders });

const preflightHeaders = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": storeMethods,
  "access-control-allow-headers": "Authorization, Content-Type, If-Match, If-None-Match",
  "access-control-max-age": "7200",
  "allow": storeMethods,
};

/** Answers one request for one store, whichever address it came by. */
export type AnswerStore = (c: Context<HttpEnv>, target: Target) => Promise<Response>;

export function createAnswerStore(data: UserData): AnswerStore {
  // Of one asker, with their bodies: what is in a body takes up to seventy times its size. 201 in all, as at one place.
  const writes = createGate({ atATime: 32, waiting: 169, patience: 10_000 });
  // What is large is read one after the other, and is gone before the next.
  const large = createGate({ atATime: 1, waiting: 100, patience: 10_000 });
  return (c, target) => answer({ data, writes, large }, c, target);
}

interface Desk {
  readonly data: UserData;
  readonly writes: Gate;
  readonly large: Gate;
}

async function answer(desk: Desk, c: Context<HttpEnv>, target: Target): Promise<Response> {
  const { data, writes } = desk;
  const { asker, place } = target;
  switch (c.req.method) {
    case "GET":
    case "HEAD":
      return shown(c, await data.get(asker, place), target.format);
    case "PUT":
    case "POST":
    case "PATCH": {
      const right = await data.permit(asker, place, "write"); // who may not write gets no memory for a body
      return await writes.run(`${asker.host} ${asker.source}`, () => written(desk, c, target, right));
    }
    case "DELETE":
      await data.permit(asker, place, "write"); // whoever takes a turn has been let in
      await data.change(asker, place, () => undefined, conditions(c));
      return new Response(null, { status: 204 });
  }
  return notAllowed(storeMethods);
}

const conditions = (c: Context) => ({
  ifMatch: ifMatch(c)?.map((tag) => tag.endsWith(luaTag) ? tag.slice(0, -luaTag.length) : tag),
  ifAbsent: ifNoneMatch(c),
});

const luaTag = ".lua"; // two forms of a value are not the same, byte by byte (RFC 9110, 8.8.1)

/** A document in the form that is asked for (RFC 9110, 12.5.1), JSON if nobody minds. */
export function shown(c: Context<HttpEnv>, document: Document, format: Format = accepted(c)): Response {
  const tag = format === "lua" ? document.etag + luaTag : document.etag;
  const headers = {
    "content-type": `${formats[format]}; charset=utf-8`,
    "cache-control": "no-store",
    "etag": etagOf(tag),
    "vary": "Accept, Authorization",
  };
  if (isKnown(c, tag)) return new Response(null, { status: 304, headers });
  return new Response(document[format], { headers });
}

function accepted(c: Context): Format {
  const type = accepts(c, {
    ...{ header: "Accept", supports: Object.values(formats), default: formats.json },
    match: (ranges, { supports }) => {
      const weights = supports.map((type) => weightOf(type, ranges));
      return supports[weights.indexOf(Math.max(...weights))] ?? formats.json;
    },
  });
  return type === formats.lua ? "lua" : "json";
}

/** How much a type is wanted: the range that says most of it counts. */
function weightOf(type: string, ranges: readonly { type: string; q: number }[]): number {
  const wide = `${type.split("/")[0]}/*`;
  for (const name of [type, wide, "*/*"]) {
    const range = ranges.find((one) => one.type.toLowerCase() === name);
    if (range) return range.q;
  }
  return 0;
}

const made = (changed: Changed, location: string): Response =>
  new Response(null, { status: 201, headers: { location, ...tagged(changed) } });

const tagged = ({ etag }: Changed): Record<string, string> =>
  etag === undefined ? {} : { etag: etagOf(etag) };

async function written(
  { data, large }: Desk,
  c: Context<HttpEnv>,
  { asker, place, location }: Target,
  { redacted }: Right,
): Promise<Response> {
  const { method } = c.req;
  const type = method === "PATCH" ? formatOf(c, patchTypes) : formatOf(c, Object.values(formats));
  const bytes = await readBytes(c);
  const work = async () => {
    const how = await changeOf(type, bytes, method, redacted);
    const changed = await data.change(asker, place, how, conditions(c));
    return method === "PATCH"
      ? new Response(null, { status: 204, headers: tagged(changed) })
      : made(changed, location);
  };
  if (bytes.length <= smallJson) return await work();
  return await large.run("", () => letOthersRun().then(work));
}

async function changeOf(
  type: typeof patchTypes[number] | typeof formats[Format],
  bytes: Uint8Array,
  method: string,
  isBlind: boolean,
): Promise<Change> {
  if (type !== formats.json && type !== formats.lua) {
    await parseJson(bytes); // within limits
    return changeBy(type, bytes, isBlind);
  }
  const value = type === formats.json ? await documentFrom(bytes) : parseLua(bytes);
  return method === "POST" ? appending(value) : () => value;
}

/** The body's type; parameters and case do not matter. */
function formatOf<T extends string>(c: Context, types: readonly T[]): T {
  const said = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  const type = types.find((one) => one === said);
  if (type) return type;
  throw new Problem("unsupported-media-type", `Send \`Content-Type: ${types.join("\` or \`")}\`.`);
}
