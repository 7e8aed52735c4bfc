import { createPace } from "../core/turn.ts";
import type { Db, Tables } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import type { ItemChange } from "./change.ts";
import { isChange } from "./change.ts";
import { pendingAfter, pushOf } from "./edit.ts";
import { rosterChanged } from "./roster_events.ts";
import { hasFrom, hasTo, mostGroups, type RosterItem } from "./roster.ts";
import {
  deleteSides,
  findFull,
  findSides,
  insertPushes,
  insertRosters,
  putSides,
  type SideRow,
  updateHeads,
} from "./sides_store.ts";
import type { Room } from "./room.ts";
import { findHead, itemFromRow, type ItemRow, rowOf, sizeOf } from "./store.ts";

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

type Given = Tables["roster_item"]["given"];

/** When rosters are changed, and who tells webhooks of it. */
export interface Occasion {
  readonly now: number;
  readonly emit: Emit;
}

/** A contact as it is kept. */
interface KeptSide {
  /** 0: there is no roster. */
  readonly roster: number;
  readonly version: number;
  readonly pending: string;
  readonly item: RosterItem | undefined;
  /** What it was before a group made it more than that; null: no group did. */
  readonly given: Given;
}

const keptFrom = ({ roster, version, pending, given, ...row }: SideRow): KeptSide => ({
  ...{ roster: roster ?? 0, version: version ?? 0, pending: pending ?? "{}" },
  item: row.jid === null ? undefined : itemFromRow(row as ItemRow),
  given,
});

interface Outcome {
  readonly change: ItemChange;
  /** As it is to be kept. */
  readonly given: Given;
}

/** Both become contacts of each other's; a contact that was there stays when that ends, as it was. */
function outcomeOf(
  { contact, ...side }: Side,
  { item: before, given }: KeptSide,
  host: string,
): Outcome {
  const jid = `${contact}@${host}`;
  const become = (after: RosterItem | undefined, now = given): Outcome => ({
    change: { jid, before, after, notices: [] },
    given: now,
  });
  if (side.where !== undefined && !before?.groups.includes(side.where)) return become(before);
  const kept = (before?.groups ?? []).filter((group) => !side.take.includes(group));
  if (side.give.length > 0) {
    const groups = [...new Set([...kept, ...side.give])].sort();
    const after = {
      ...(before?.name !== undefined && { name: before.name }),
      groups: groups.length > mostGroups ? kept : groups,
      ...{ subscription: "both" as const, ask: false, approved: false },
    };
    return become(
      after,
      given ?? (before?.subscription === "both" ? null : before?.subscription ?? "absent"),
    );
  }
  if (!before || (given === "absent" && !side.together)) return become(undefined);
  if (side.together || given === null || given === "absent") return become({ ...before, groups: kept });
  const subscription = before.subscription === "both" ? given : before.subscription;
  return become({ ...before, groups: kept, subscription }, null);
}

/**
 * Changes one contact of each of many rosters, with what Prosody is to be told: a few statements however many
 * there are. Inside of a write.
 * @param sides each owner and contact once
 */
export async function writeSides(
  db: Db,
  host: string,
  sides: readonly Side[],
  { now, emit }: Occasion,
): Promise<void> {
  const rows = await findSides(db, host, sides.map(({ owner, contact }) => [owner, `${contact}@${host}`]));
  const planned = sides.map((side, i) => {
    const kept = keptFrom(rows[i]!);
    return { side, kept, ...outcomeOf(side, kept, host) };
  }).filter(({ change, given, kept }) => isChange(change) || (change.after && given !== kept.given));
  if (planned.length === 0) return;
  const follows = new Set(
    planned.filter(({ change }) => changesPresence(change)).map(({ side }) =>
      nameOf(side.owner, side.contact)
    ),
  );
  const missing = new Set(planned.filter(({ kept }) => kept.roster === 0).map(({ side }) => side.owner));
  const made = missing.size > 0 ? await insertRosters(db, host, [...missing]) : new Map<string, number>();
  const rosters = new Map<string, { id: number; kept: KeptSide; changes: ItemChange[] }>();
  const puts: (readonly unknown[])[] = [];
  const removals: (readonly [number, string])[] = [];
  for (const { side: { owner, contact }, kept, change, given } of planned) {
    const roster = rosters.get(owner) ?? { id: kept.roster || made.get(owner)!, kept, changes: [] };
    rosters.set(owner, roster);
    const mutual = follows.has(nameOf(contact, owner));
    if (isChange(change)) roster.changes.push({ ...change, ...(mutual && { mutual }) });
    if (change.after) puts.push([...rowOf(roster.id, change.jid, change.after), given]);
    else removals.push([roster.id, change.jid]);
  }
  if (puts.length > 0) await putSides(db, puts);
  if (removals.length > 0) await deleteSides(db, removals);
  const changed = [...rosters].filter(([, { changes }]) => changes.length > 0);
  if (changed.length === 0) return;
  const heads = changed.map(([, { id, kept, changes }]) => ({
    id,
    version: kept.version + changes.length,
    pending: pendingOf(kept, changes),
  }));
  await updateHeads(db, heads);
  await emit(db, rosterChanged(host, changed.map(([owner]) => owner)));
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

/** The first of these users whose roster takes no more contacts. Lets others run: not inside of a write. */
export async function fullRoster(
  db: Db,
  host: string,
  usernames: readonly string[],
  { maxItems }: Room,
): Promise<string | undefined> {
  const pace = createPace();
  for (let at = 0; at < usernames.length; at += countedAtOnce) {
    const [full] = await findFull(db, host, usernames.slice(at, at + countedAtOnce), maxItems);
    if (full !== undefined) return full;
    await pace();
  }
  return undefined;
}

const countedAtOnce = 20; // rosters, which may have tens of thousands of contacts each
