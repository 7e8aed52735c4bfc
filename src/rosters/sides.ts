import type { Db } from "../store/database.ts";
import type { ItemChange } from "./change.ts";
import { isChange } from "./change.ts";
import { pendingAfter, pushOf } from "./edit.ts";
import { hasFrom, hasTo, mostGroups, type RosterItem, type Subscription } from "./roster.ts";
import {
  deleteGiven,
  findFull,
  findSides,
  insertPushes,
  insertRosters,
  putGiven,
  type SideRow,
  updateHeads,
} from "./sides_store.ts";
import type { Room } from "./room.ts";
import { findHead, itemFromRow, type ItemRow, putItemsOf, sizeOf } from "./store.ts";

/** What groups make of one contact of one user. Both are usernames of one host. */
export interface Side {
  readonly owner: string;
  readonly contact: string;
  /** Roster groups that the contact is put into. */
  readonly give: readonly string[];
  /** Roster groups that it is taken out of. */
  readonly take: readonly string[];
  /** Only where the contact is in this roster group. */
  readonly where?: string | undefined;
  /** Whether they share a group: otherwise what only groups have made ends. */
  readonly together: boolean;
}

/** A contact as it is kept. */
interface KeptSide {
  /** 0: there is no roster. */
  readonly roster: number;
  readonly version: number;
  readonly pending: string;
  readonly item: RosterItem | undefined;
  /** What the contact was before a group made it more than that; `undefined`: no group did. */
  readonly was: Subscription | null | undefined;
}

const keptFrom = ({ roster, version, pending, given, was, ...row }: SideRow): KeptSide => ({
  ...{ roster: roster ?? 0, version: version ?? 0, pending: pending ?? "{}" },
  item: row.jid === null ? undefined : itemFromRow(row as ItemRow),
  was: given === null ? undefined : was,
});

interface Outcome {
  readonly change: ItemChange;
  /** To remember from now on; `undefined`: as it was. */
  readonly given?: Subscription | null | undefined;
  readonly forget?: boolean;
}

/** Both become contacts of each other's; a contact that was there stays when that ends, as it was. */
function outcomeOf(
  { owner, contact, ...side }: Side,
  { item: before, was }: KeptSide,
  host: string,
): Outcome {
  if (owner === contact) throw new Error("Nobody is a contact of themselves.");
  const jid = `${contact}@${host}`;
  const change = (after: RosterItem | undefined): ItemChange => ({ jid, before, after, notices: [] });
  if (side.where !== undefined && !before?.groups.includes(side.where)) return { change: change(before) };
  const kept = (before?.groups ?? []).filter((group) => !side.take.includes(group));
  if (side.together && (side.give.length > 0 || before)) {
    const groups = [...new Set([...kept, ...side.give])].sort();
    if (side.give.length === 0) return { change: change({ ...before!, groups }) };
    const after = {
      ...(before?.name !== undefined && { name: before.name }),
      groups: groups.length > mostGroups ? kept : groups,
      ...{ subscription: "both" as const, ask: false, approved: false },
    };
    const isMore = before?.subscription !== "both" && was === undefined;
    return { change: change(after), ...(isMore && { given: before?.subscription ?? null }) };
  }
  if (!before) return { change: change(undefined) };
  if (was === undefined) return { change: change({ ...before, groups: kept }) };
  if (was === null) return { change: change(undefined) };
  const subscription = before.subscription === "both" ? was : before.subscription;
  return { change: change({ ...before, groups: kept, subscription }), forget: true };
}

/**
 * Changes one contact of each of many rosters, with what Prosody is to be told: a few statements however many
 * there are, and half a millisecond for a hundred. Inside of a write.
 * @param sides each owner and contact once
 */
export async function writeSides(
  db: Db,
  host: string,
  sides: readonly Side[],
  now: number,
): Promise<void> {
  const rows = await findSides(db, host, sides.map(({ owner, contact }) => [owner, `${contact}@${host}`]));
  const planned = sides.map((side, i) => {
    const kept = keptFrom(rows[i]!);
    return { side, kept, ...outcomeOf(side, kept, host) };
  })
    .filter(({ change, forget }) => isChange(change) || forget);
  const follows = new Set(
    planned.filter(({ change }) => changesPresence(change)).map(({ side }) =>
      nameOf(side.owner, side.contact)
    ),
  );
  const missing = new Set(planned.filter(({ kept }) => kept.roster === 0).map(({ side }) => side.owner));
  const made = missing.size > 0 ? await insertRosters(db, host, [...missing]) : new Map<string, number>();
  const rosters = new Map<string, { id: number; kept: KeptSide; changes: ItemChange[] }>();
  const given: Parameters<typeof putGiven>[1][number][] = [];
  const forgotten: Parameters<typeof deleteGiven>[1][number][] = [];
  for (const { side, kept, change, given: was, forget } of planned) {
    const roster = rosters.get(side.owner) ??
      { id: kept.roster || made.get(side.owner)!, kept, changes: [] };
    rosters.set(side.owner, roster);
    const mutual = follows.has(nameOf(side.contact, side.owner));
    if (isChange(change)) roster.changes.push({ ...change, ...(mutual && { mutual }) });
    if (was !== undefined) given.push({ roster_id: roster.id, jid: change.jid, was });
    if (forget) forgotten.push({ roster_id: roster.id, jid: change.jid });
  }
  const changed = [...rosters].filter(([, { changes }]) => changes.length > 0);
  if (forgotten.length > 0) await deleteGiven(db, forgotten);
  if (changed.length === 0) return;
  await putItemsOf(
    db,
    changed.flatMap(([, { id, changes }]) => changes.map(({ jid, after }) => [id, jid, after] as const)),
  );
  if (given.length > 0) await putGiven(db, given);
  const heads = changed.map(([, { id, kept, changes }]) => ({
    id,
    version: kept.version + changes.length,
    pending: pendingOf(kept, changes),
  }));
  await updateHeads(db, heads);
  await insertPushes(
    db,
    host,
    now,
    changed.map(([owner, { kept: { version }, changes }]) => {
      const { change, before } = pushOf(version, version + changes.length, changes);
      return [owner, JSON.stringify({ ...change, before })] as const;
    }),
  );
}

const nameOf = (owner: string, contact: string) => `${owner}@${contact}`; // no username holds an @

const changesPresence = ({ before, after }: ItemChange): boolean =>
  hasFrom(before) !== hasFrom(after) || hasTo(before) !== hasTo(after);

function pendingOf({ pending }: KeptSide, changes: readonly ItemChange[]): string | null {
  if (pending === "{}") return null;
  const after = pendingAfter({ pending: new Map(Object.entries(JSON.parse(pending))) }, changes);
  return after ? JSON.stringify(Object.fromEntries(after)) : null;
}

/** How many more contacts fit into a user's roster. */
export async function spaceIn(db: Db, host: string, username: string, { maxItems }: Room): Promise<number> {
  const head = await findHead(db, host, username);
  return maxItems - (head ? (await sizeOf(db, head.id)).items : 0);
}

/** Of these users, those whose roster takes no more contacts. */
export const fullRosters = (
  db: Db,
  host: string,
  usernames: readonly string[],
  { maxItems }: Room,
): Promise<string[]> => findFull(db, host, usernames, maxItems);
