import { type Context, Hono } from "hono";
import { normaliseDomain, normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { HttpEnv } from "../http/env.ts";
import { type AskerNeeds, askerOf, challenging } from "./asker_routes.ts";
import type { UserData } from "./data.ts";
import type { Place } from "./rights.ts";
import { type AnswerStore, type Format, formats, preflight } from "./routes.ts";

export interface DataRouteNeeds extends AskerNeeds {
  readonly data: UserData;
  readonly answerStore: AnswerStore;
  readonly publicUrl: (host: string) => string;
}

/**
 * `/data[/HOST/USER]/STORE[/FORMAT]` as clients of mod_data_access know it: with the password of XMPP as Basic
 * credentials; fewer than three parts mean one's own.
 */
export function dataRoutes({ data, answerStore, publicUrl, ...needs }: DataRouteNeeds): Hono<HttpEnv> {
  const answer = challenging(async (c) => {
    const asker = await askerOf(c, needs);
    const here = asker.host;
    const parts = partsOf(c);
    const [host = "", user, store = "", format] = parts.length < 3 ? [here, asker.user, ...parts] : parts;
    if (user === undefined) {
      throw new Problem("not-found", `A key has no data of its own: ask for /data/${here}/USER/STORE.`);
    }
    const isHere = normaliseDomain(host) === here;
    const place = { user: normaliseLocal(user), store };
    if (!isHere || !isPlace(place) || !isFormat(format)) {
      await data.identify(asker); // strangers hear nothing but that they are
      if (!isHere) {
        throw new Problem(
          "not-allowed",
          `Only data of ${here} is here; ask another host at its own address.`,
        );
      }
      throw new Problem("not-found", "There is no such user, or no such format: json and lua are.");
    }
    const path = [here, place.user, store].map(encodeURIComponent).join("/");
    const location = `${publicUrl(here)}/data/${path}`;
    return await answerStore(c, { asker, place, format, location });
  });

  return new Hono<HttpEnv>()
    .options("/data/*", preflight)
    .get("/data", (c) => c.redirect("/data/", 301))
    .all("/data/*", answer);
}

/** More parts than the format are as good as none, as ever. */
const partsOf = (c: Context): string[] =>
  c.req.path.slice("/data/".length).split("/").slice(0, 4).map(decode);

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Problem("bad-request", "The address has a % that stands for nothing.");
  }
}

const isPlace = (place: { user: string | undefined; store: string }): place is Place =>
  place.user !== undefined;

const isFormat = (text: string | undefined): text is Format | undefined =>
  text === undefined || Object.hasOwn(formats, text);
