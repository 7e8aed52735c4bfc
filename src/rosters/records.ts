import { Problem } from "../core/problem.ts";
import type { Database } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { requireRoom, type Room } from "./room.ts";
import { merge } from "./merge.ts";
import { findUnheard } from "./push_store.ts";
import {
  hasFrom,
  isBeyond,
  type KeptRoster,
  noRoster,
  readItem,
  type RosterItem,
  textFault,
} from "./roster.ts";
import { rosterChanged } from "./roster_events.ts";
import {
  clearItems,
  deleteRoster,
  findHead,
  findRoster,
  insertRoster,
  listRosters,
  putItems,
  type RosterHead,
  updateHead,
} from "./store.ts";

/** What Prosody has done to a roster. */
export interface RosterDelta {
  /** The version that Prosody has made of it. */
  readonly version: number;
  /** JIDs and contacts as rostermanager keeps them; `false` for one that is gone. */
  readonly items: readonly (readonly [jid: string, item: unknown])[];
  /** Who asks for a subscription, all of them; absent if that has not changed. */
  readonly pending?: Readonly<Record<string, unknown>> | undefined;
}

/** Rosters as Prosody's storage manager knows them: it decides, we keep. */
export interface RosterRecords {
  /** Cheap: to know whether what one has is still true. */
  head(host: string, user: string): Promise<RosterHead | undefined>;
  read(host: string, user: string): Promise<KeptRoster | undefined>;
  /** @param replace takes out what the delta does not name @throws Problem `invalid` */
  save(host: string, user: string, delta: RosterDelta, replace: boolean): Promise<void>;
  remove(host: string, user: string): Promise<void>;
  /** Usernames with a roster, in order. */
  names(host: string, after: string, limit: number): Promise<string[]>;
}

/** @param missing is asked first for a roster that is not here */
export function createRosterRecords(
  { database, room, emit, missing = () => Promise.resolve() }: {
    database: Database;
    room: Room;
    emit: Emit;
    missing?: (host: string, user: string) => Promise<void>;
  },
): RosterRecords {
  const { db } = database;
  return {
    async head(host, user) {
      const head = await findHead(db, host, user);
      if (head) return head;
      await missing(host, user);
      return await findHead(db, host, user);
    },
    read: (host, user) => findRoster(db, host, user),

    async save(host, user, { version, items, pending }, replace) {
      const changes = items.map(([jid, value]) =>
        [readJid(jid), value === false ? undefined : readKept(jid, value)] as const
      );
      const asking = pending &&
        new Map(Object.entries(pending).map(([jid, value]) => [readJid(jid), readAsking(value)]));
      await database.write(async (db) => {
        const head = await findHead(db, host, user);
        const id = head?.id ?? await insertRoster(db, host, user);
        if (replace) await clearItems(db, id);
        const saved = head && !replace && version <= head.version
          ? mergeDelta(
            { changes, asking },
            await findRoster(db, host, user),
            await findUnheard(db, host, user),
          )
          : { changes, asking };
        await putItems(db, id, saved.changes);
        if (saved.changes.some(([, item]) => item)) await requireRoom(db, id, `${user}@${host}`, room);
        const next = (head?.version ?? 0) + 1;
        await updateHead(db, id, isBeyond(version) ? next : Math.max(next, version), saved.asking);
        await emit(db, rosterChanged(host, [user]));
      });
    },

    remove: (host, user) => database.write((db) => deleteRoster(db, host, user)),
    names: (host, after, limit) => listRosters(db, host, after, limit),
  };
}

interface Saved {
  readonly changes: readonly (readonly [jid: string, item: RosterItem | undefined])[];
  readonly asking?: ReadonlyMap<string, true | string> | undefined;
}

/** For a Prosody that has not heard yet of what became of some contacts here: undoes nothing of that. */
function mergeDelta(
  { changes, asking }: Saved,
  kept: KeptRoster = noRoster,
  unheard: ReadonlyMap<string, RosterItem | undefined>,
): Saved {
  const merged = changes.map(([jid, item]) =>
    [jid, unheard.has(jid) ? merge(unheard.get(jid), kept.items.get(jid), item) : item] as const
  );
  const [now, own] = [new Map(merged), new Set(changes.map(([jid]) => jid))];
  // Who has been answered here asks no more, unless it is their asking that is saved.
  const asks = ([jid]: [string, unknown]) =>
    !unheard.has(jid) || !hasFrom(now.has(jid) ? now.get(jid) : kept.items.get(jid)) &&
      (kept.pending.has(jid) || own.has(jid));
  return { changes: merged, asking: asking && new Map([...asking].filter(asks)) };
}

/** Prosody has prepped it: only what could not be kept or told again is refused. */
function readJid(jid: string): string {
  const wrong = jid === "" ? "A contact needs a JID." : jid.length > 3071 ? "A JID is too long." : undefined;
  const fault = wrong ?? (/[\p{Cc}\p{Cs}]/u.test(jid) ? "A JID holds control characters." : undefined);
  if (fault !== undefined) throw new Problem("invalid", fault);
  return jid;
}

/** A contact as rostermanager keeps it: groups as a set, `approved` as a word, line breaks as clients like. */
function readKept(jid: string, value: unknown): RosterItem {
  const { name, groups, approved, subscription = "none", ask } = Object(value) as Record<string, unknown>;
  const names: unknown[] = Array.isArray(groups) ? groups : Object.keys(Object(groups));
  const flat = names.map((group) => flatten(String(group))).filter((group) => group !== "");
  const item = {
    ...(typeof name === "string" && { name: flatten(name) }),
    ...{ groups: flat, subscription },
    ...(ask === "subscribe" && subscription !== "to" && subscription !== "both" && { ask }),
    approved: approved === "true" && subscription !== "from" && subscription !== "both",
  };
  return readItem(item, (member, reason) => {
    throw new Problem("invalid", `${member} of ${jid}: ${reason}`);
  });
}

// deno-lint-ignore no-control-regex
const flatten = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " "); // as mod_couplet does

function readAsking(value: unknown): true | string {
  if (value === true) return true;
  if (typeof value === "string" && value.length < 100_000 && textFault(value.slice(0, 1), "") === undefined) {
    return value;
  }
  throw new Problem("invalid", "A request is true, or a stanza.");
}
