import type { IqHandlers, IqRequest } from "../channel/dispatch.ts";
import { controlNs, type Element, xml } from "../channel/stanza.ts";
import { normaliseLocal } from "../core/jid.ts";
import { parseLua, writeLua } from "../core/lua_text.ts";
import { Problem } from "../core/problem.ts";
import { isStoreName } from "../core/store_name.ts";
import type { StoredAnswer, StoredData } from "../prosody/stored_data.ts";

/** What the command line asks of Prosody through us: who may open the socket may read Prosody's files as well. */
export const dataStanzas = (stored: StoredData): IqHandlers => ({
  [`get ${controlNs} data`]: async (request) => {
    const answer = await stored.ask(request.host, { call: "get", ...placeOf(request) });
    return reply(answer);
  },

  [`set ${controlNs} data`]: async (request) => {
    const { was } = request.payload.attrs as Record<string, string | undefined>;
    if (was === undefined) {
      throw new Problem("bad-request", "A set needs the hash of what was read, as `was`.");
    }
    const text = request.payload.getText();
    // Prosody runs it to read it: nothing but what we have written ourselves goes there.
    const value = text === "" ? undefined : writeLua(parseLua(new TextEncoder().encode(text), wide), "wire");
    return reply(await stored.ask(request.host, { call: "set", ...placeOf(request), was, value }));
  },
});

const wide = { depth: 127, values: 1_000_000, numbers: 5_000 }; // as much as there may have been before

function placeOf({ payload }: IqRequest): { user: string; store: string } {
  const { user = "", store = "" } = payload.attrs as Record<string, string | undefined>;
  if (normaliseLocal(user) !== user || !isStoreName(store)) {
    throw new Problem("bad-request", "This needs the names of a user and of a store.");
  }
  return { user, store };
}

const reply = (answer: StoredAnswer): Element =>
  xml("data", { xmlns: controlNs, is: answer.is }, ..."text" in answer ? [answer.text] : []);
