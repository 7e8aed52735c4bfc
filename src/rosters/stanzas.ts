import { LRUCache } from "lru-cache";
import type { IqHandlers, IqRequest } from "../channel/dispatch.ts";
import { luaChunk, luaLiteral } from "../channel/lua_literal.ts";
import { controlNs, type Element, xml } from "../channel/stanza.ts";
import { Problem } from "../core/problem.ts";
import { createPace } from "../core/turn.ts";
import { storedItem } from "./change.ts";
import type { Pushes } from "./pushes.ts";
import type { RosterDelta, RosterRecords } from "./records.ts";
import { type KeptRoster, noRoster, type RosterItem } from "./roster.ts";
import type { Rosters } from "./rosters.ts";
import type { Upstream } from "./upstream.ts";

const rosterNs = "jabber:iq:roster";
const namesAPage = 1_000;
const keptText = 16_000_000; // characters of rosters that are ready to be sent, about 4,000 of 50 contacts

const patience = 500; // ms, of the second for which Prosody waits

/** Rosters for any program (RFC 6121, 2) and for mod_storage_couplet; docs/control_channel.md has examples. */
export function rosterStanzas({ rosters, records, pushes, upstream }: {
  rosters: Rosters;
  records: RosterRecords;
  pushes: Pushes;
  upstream: Upstream;
}): IqHandlers {
  const ready = new LRUCache<number, { version: number; text: string }>({
    maxSize: keptText,
    sizeCalculation: ({ text }) => text.length + 100,
  });

  return {
    [`get ${rosterNs} query`]: async (request) => {
      const kept = await records.head(request.host, userOf(request)) &&
        await records.read(request.host, userOf(request));
      return query(kept ?? noRoster, request.payload.attrs.ver);
    },

    [`set ${rosterNs} query`]: async (request) => {
      const [item, ...more] = request.payload.getChildElements();
      if (!item?.is("item", rosterNs) || more.length > 0) {
        throw new Problem("bad-request", "A roster set holds exactly one item (RFC 6121, 2.3.3).");
      }
      await rosters.set(request.host, userOf(request), String(item.attrs.jid ?? ""), itemValue(item));
      return undefined;
    },

    // What a login waits for: read again only when the roster has another version.
    [`get ${controlNs} roster`]: async (request) => {
      const user = userOf(request);
      const head = await records.head(request.host, user);
      if (!head) return undefined;
      let made = ready.get(head.id);
      if (made?.version !== head.version) {
        const kept = await records.read(request.host, user);
        if (!kept) return undefined;
        made = { version: kept.version, text: await rosterLiteral(kept) };
        ready.set(kept.id, made);
      }
      return xml("roster", { xmlns: controlNs }, made.text);
    },

    [`set ${controlNs} roster`]: async (request) => {
      const { payload } = request;
      if (payload.attrs.remove === "true") {
        await records.remove(request.host, userOf(request));
      } else {
        const began = performance.now();
        const [user, replace] = [userOf(request), payload.attrs.replace === "true"];
        await records.save(request.host, user, readDelta(payload), replace);
        // It has given up waiting, and thinks that nothing was saved.
        if (performance.now() - began > patience) pushes.lookAgain(request.host, user);
      }
      return undefined;
    },

    [`get ${controlNs} rosters`]: async ({ payload, host }) => {
      const users = await records.names(host, String(payload.attrs.after ?? ""), namesAPage);
      const next = users.length === namesAPage ? users.at(-1) : undefined;
      return xml("rosters", { xmlns: controlNs }, luaChunk({ users, next }));
    },

    [`set ${controlNs} arriving`]: (request) => {
      upstream.arriving(request.host, userOf(request));
      return undefined;
    },

    [`set ${controlNs} online`]: async ({ payload, host }) => {
      const versions = Object.entries(jsonOf(payload)).map(([user, version]) =>
        [user, Number(version)] as const
      );
      await pushes.compare(host, new Map(versions));
      return undefined;
    },
  };
}

function userOf({ user }: IqRequest): string {
  if (user === undefined) throw new Problem("bad-request", "A roster is a user's: name one in `to`.");
  return user;
}

/** RFC 6121, 2.1.3 and 2.6.2: nothing, if that is the version that the asker has. */
function query({ version, items }: KeptRoster, has: unknown): Element | undefined {
  if (has === String(version)) return undefined;
  return xml(
    "query",
    { xmlns: rosterNs, ver: String(version) },
    ...[...items].map(([jid, { name, subscription, ask, approved, groups }]) =>
      xml(
        "item",
        {
          jid,
          name,
          subscription,
          ask: ask ? "subscribe" : undefined,
          approved: approved ? "true" : undefined,
        },
        ...groups.map((group) => xml("group", {}, group)),
      )
    ),
  );
}

function itemValue(item: Element): unknown {
  const { name, subscription = "none", ask, approved } = item.attrs as Record<string, string | undefined>;
  if (subscription === "remove") return null;
  return {
    ...(name !== undefined && { name }),
    ...{ subscription, ask, approved: approved === "true" },
    groups: item.getChildren("group").map((group) => group.getText()),
  };
}

/** The table that rostermanager works with, as a program that returns it. */
async function rosterLiteral({ version, items, pending }: KeptRoster): Promise<string> {
  const parts = [`[false]=${luaLiteral({ version, pending: Object.fromEntries(pending) })}`];
  const pace = createPace();
  for (const [jid, item] of items) {
    parts.push(`[${luaLiteral(jid)}]=${itemLiteral(item)}`);
    if (parts.length % 100 === 0) await pace();
  }
  return `${mutual} return {${parts.join(",")}}`;
}

/** Nearly all contacts are of one kind: said in short, they are read sooner and leave less behind. */
const mutual = 'local function b(n,g)return{name=n,subscription="both",groups=g}end';

function itemLiteral(item: RosterItem): string {
  const { name, subscription, ask, approved } = item;
  const stored = storedItem(item);
  return subscription === "both" && name !== undefined && !ask && !approved
    ? `b(${luaLiteral(name)},${luaLiteral(stored.groups)})`
    : luaLiteral(stored);
}

function readDelta(payload: Element): RosterDelta {
  const { items: given = [], pending } = jsonOf(payload);
  const version = Number(payload.attrs.version);
  // An empty Lua table may be either; what clients name is no key, because Prosody's JSON gives some a meaning.
  const items = Array.isArray(given) ? given : Object.entries(Object(given));
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string";
  if (!items.every(isPair) || !Number.isInteger(version) || version < 0) {
    throw new Problem("bad-request", "A <roster/> to keep has a version, and items in its JSON.");
  }
  return {
    version,
    items,
    ...(typeof pending === "object" && pending !== null && { pending: { ...pending } }),
  };
}

function jsonOf(payload: Element): Record<string, unknown> {
  try {
    const value = JSON.parse(payload.getText() || "{}");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch { /* below */ }
  throw new Problem("bad-request", `The text of <${payload.name}/> is a JSON object.`);
}
