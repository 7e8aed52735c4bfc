import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import type { RosterPush } from "../prosody/prosody.ts";
import type { Database, Db } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { hasFrom, type KeptRoster, noRoster } from "./roster.ts";
import { isChange, type ItemChange, pushedItem } from "./change.ts";
import { insertPush } from "./push_store.ts";
import { requireRoom, type Room } from "./room.ts";
import { rosterChanged } from "./roster_events.ts";
import { findHead, findRoster, insertRoster, putItems, updateHead } from "./store.ts";

/** What it takes to write rosters. */
export interface EditNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly room: Room;
  readonly emit: Emit;
}

/** What is to become of one roster. */
export interface Edit {
  readonly user: string;
  readonly kept: KeptRoster;
  readonly changes: readonly ItemChange[];
  /** The roster's version afterwards. */
  readonly version: number;
}

const mostTries = 10;
const largestPush = 50_000; // characters: most users are offline, and Prosody would read it for nothing

/** Runs work when all that was begun before it under one of its names has ended. */
export type InTurn = <T>(names: readonly string[], work: () => Promise<T>) => Promise<T>;

/** So that many who change one roster wait for each other and do not undo each other's planning. */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<void>>();
  return (names, work) => {
    const result = Promise.all(names.map((name) => last.get(name))).then(work);
    const ended: Promise<void> = result.then(() => {}, () => {}).then(() => {
      for (const name of names) if (last.get(name) === ended) last.delete(name);
    });
    for (const name of names) last.set(name, ended);
    return result;
  };
}

/**
 * Reads rosters, has somebody plan their changes, and writes them if nobody else has changed one meanwhile: the
 * planning may take its time and let others run. All of it is written or nothing.
 * @param plan is called again when a roster has changed
 */
export async function editRosters(
  { database, clock, room, emit }: EditNeeds,
  host: string,
  users: readonly string[],
  plan: (kept: readonly KeptRoster[]) => Promise<readonly (readonly ItemChange[])[]>,
  { dryRun = false } = {},
): Promise<Edit[]> {
  for (let tries = 0; tries < mostTries; tries++) {
    const all = await Promise.all(users.map((user) => findRoster(database.db, host, user)));
    const kept = all.map((roster) => roster ?? noRoster);
    const planned = await plan(kept);
    const edits = users.map((user, i): Edit => {
      const changes = (planned[i] ?? []).filter(isChange);
      return { user, kept: kept[i]!, changes, version: kept[i]!.version + changes.length };
    });
    const wanted = edits.filter(({ changes }) => changes.length > 0);
    if (dryRun || wanted.length === 0) return edits;
    const write = async (db: Db) => {
      const isWritten = await writeEdits(db, host, wanted, room, clock());
      if (isWritten) await emit(db, rosterChanged(host, wanted.map(({ user }) => user)));
      return isWritten;
    };
    if (await database.write(write)) return edits;
  }
  throw new Problem("conflict", "Somebody else kept changing this roster. Nothing was changed; try again.");
}

/** `false`, and nothing written, if one of the rosters is not as it was. */
async function writeEdits(
  db: Db,
  host: string,
  edits: readonly Edit[],
  room: Room,
  now: number,
): Promise<boolean> {
  const heads = await Promise.all(edits.map(({ user }) => findHead(db, host, user)));
  if (
    edits.some(({ kept }, i) => kept.id !== (heads[i]?.id ?? 0) || kept.version !== (heads[i]?.version ?? 0))
  ) {
    return false;
  }
  for (const { user, kept, changes, version } of edits) {
    const id = kept.id === 0 ? await insertRoster(db, host, user) : kept.id;
    await putItems(db, id, changes.map(({ jid, after }) => [jid, after] as const));
    if (changes.some(({ after }) => after)) await requireRoom(db, id, `${user}@${host}`, room);
    await updateHead(db, id, version, pendingAfter(kept, changes));
    await insertPush(db, {
      host,
      username: user,
      created_at: now,
      ...pushOf(kept.version, version, changes),
    });
  }
  return true;
}

/** Who has been answered asks no more; `undefined` if that changes nothing. */
export function pendingAfter(
  kept: Pick<KeptRoster, "pending">,
  changes: readonly ItemChange[],
): KeptRoster["pending"] | undefined {
  const answered = changes.filter(({ jid, after }) => kept.pending.has(jid) && (!after || hasFrom(after)));
  if (answered.length === 0) return undefined;
  const pending = new Map(kept.pending);
  for (const { jid } of answered) pending.delete(jid);
  return pending;
}

/** Much is told by its mere existence: Prosody then looks for itself. */
export function pushOf(from: number, to: number, changes: readonly ItemChange[]) {
  const change: RosterPush = { from, to, items: changes.map(pushedItem) };
  const { length } = JSON.stringify(change);
  const before = Object.fromEntries(changes.map(({ jid, before }) => [jid, before ?? null]));
  const notices = change.items.flatMap(({ jid, notices }) => notices ? [{ jid, notices }] : []);
  return {
    change: length <= largestPush ? change : { items: notices },
    before,
  };
}
