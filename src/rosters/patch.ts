import { Problem } from "../core/problem.ts";
import { createPace } from "../core/turn.ts";
import {
  itemJson,
  type KeptRoster,
  pointer,
  readContact,
  readRoster,
  requireNoFaults,
  type Roster,
  type RosterItem,
} from "./roster.ts";

const slice = 100; // contacts between two looks at the time

/**
 * What a JSON merge patch (RFC 7396) makes of the contacts that it names: nothing of those it has as null.
 * @throws Problem `invalid`, naming contacts and reasons
 */
export async function readPatch(
  kept: KeptRoster,
  value: unknown,
  owner: string,
  mostItems: number,
): Promise<Map<string, RosterItem | undefined>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Problem("invalid", 'A patch is an object: {"marie@example.com": {"name": "Marie"}}.');
  }
  const removed: string[] = [];
  const merged: [string, unknown][] = [];
  const pace = createPace();
  for (const [index, [text, item]] of Object.entries(value).entries()) {
    if (index % slice === 0) await pace();
    if (item === null) removed.push(text);
    else merged.push([text, merge(kept.items.get(contactOf(text, owner, kept.items) ?? ""), item)]);
  }
  const changed = await readRoster(Object.fromEntries(merged), owner, mostItems, kept.items);
  const wanted = new Map<string, RosterItem | undefined>(changed);
  for (let start = 0; start < removed.length; start += slice) {
    await pace();
    for (const [i, jid] of readContacts(removed.slice(start, start + slice), owner, kept.items).entries()) {
      if (wanted.has(jid)) {
        requireNoFaults([{ at: stepTo(removed[start + i]!), reason: `${jid} stands there twice.` }]);
      }
      wanted.set(jid, undefined);
    }
  }
  return wanted;
}

const stepTo = (text: string) => pointer(text.slice(0, 200));

/** The JIDs as they are kept. @throws Problem `invalid` */
export function readContacts(texts: readonly string[], owner: string, kept: Roster): string[] {
  const read = texts.map((text) => ({ text, contact: readContact(text, owner, kept) }));
  requireNoFaults(
    read.flatMap(({ text, contact }) =>
      typeof contact === "string" ? [{ at: stepTo(text), reason: contact }] : []
    ),
  );
  return read.flatMap(({ contact }) => typeof contact === "string" ? [] : contact.jid);
}

/** The JID as it is kept, if it is one that this owner may have as a contact. */
export function contactOf(text: string, owner: string, kept: Roster): string | undefined {
  const contact = readContact(text, owner, kept);
  return typeof contact === "string" ? undefined : contact.jid;
}

/** RFC 7396 for one contact; a subscription that there is now is no longer asked for, or granted in advance. */
function merge(item: RosterItem | undefined, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const { ask, approved, ...kept } = item ? itemJson(item) : { ask: undefined, approved: undefined };
  const states = "subscription" in patch ? {} : { ask, approved };
  return Object.fromEntries(
    Object.entries({ ...kept, ...states, ...patch }).filter(([, value]) =>
      value !== null && value !== undefined
    ),
  );
}
