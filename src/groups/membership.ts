import type { Db } from "../store/database.ts";
import { type Occasion, type Side, writeSides } from "../rosters/sides.ts";
import {
  deleteMember,
  findGroupByKey,
  findMember,
  type GroupRow,
  insertMembers,
  listMembers,
  listShared,
  type MemberRow,
  settle,
  touchGroups,
  unsettle,
} from "./store.ts";

type Group = Pick<GroupRow, "key" | "name">;

/** What other groups keep of a contact when one ends: the roster groups, seen from both. */
interface Rest {
  readonly own: Set<string>;
  readonly theirs: Set<string>;
}

/**
 * Somebody joins groups, or has put back what is missing of them: in their own roster and in those of all the other
 * members. Inside of a write.
 * @returns the keys of those that they were no member of
 */
export async function join(
  db: Db,
  host: string,
  username: string,
  groups: readonly Group[],
  occasion: Occasion,
): Promise<number[]> {
  const members = await listMembers(db, groups.map(({ key }) => key));
  const names = new Map(groups.map(({ key, name }) => [key, name]));
  const known = new Set(members.filter((one) => one.username === username).map((one) => one.group_key));
  const fresh = groups.filter(({ key }) => !known.has(key));
  const shared = new Map<string, string[]>();
  for (const member of members) {
    if (member.username === username) continue;
    const labels = shared.get(member.username) ?? [];
    shared.set(member.username, [...labels, names.get(member.group_key)!]);
  }
  const both = (owner: string, contact: string, give: string[]): Side => ({
    ...{ owner, contact, give, take: [], together: true },
  });
  const sides = [...shared].flatMap(([contact, give]) => [
    both(username, contact, give),
    both(contact, username, give),
  ]);
  if (sides.length > 0) await writeSides(db, host, sides, occasion);
  if (fresh.length === 0) return [];
  await insertMembers(
    db,
    fresh.map(({ key, name }) => ({ group_key: key, host, username, joined_at: occasion.now, label: name })),
    1,
  );
  const keys = fresh.map(({ key }) => key);
  await touchGroups(db, keys);
  return keys;
}

/**
 * Many join a group at once, or somebody joins many: they are members from now on, and rosters are settled later,
 * member by member. Inside of a write.
 * @returns those who were no members
 */
export async function enrol(
  db: Db,
  { key, host }: Pick<GroupRow, "key" | "host">,
  usernames: readonly string[],
  now: number,
): Promise<string[]> {
  const rows = usernames.map((username) => ({ group_key: key, host, username, joined_at: now, label: null }));
  const added = await insertMembers(db, rows, 0);
  if (added.length === 0) return [];
  await touchGroups(db, [key]);
  await unsettle(db, key);
  return added;
}

/**
 * Somebody leaves a group. Inside of a write.
 * @param gone the account is deleted, and its roster with it
 */
export async function leave(
  db: Db,
  host: string,
  { key, name }: Group,
  username: string,
  occasion: Occasion,
  { gone = false } = {},
): Promise<void> {
  const members = await listMembers(db, [key]);
  const own = members.find((one) => one.username === username);
  if (!own) return;
  const rests = await restsOf(db, host, username, key);
  const sides = members.filter((one) => one !== own).flatMap((member): Side[] => {
    const rest = rests.get(member.username);
    const taken = (label: string | null, kept: Set<string> | undefined) =>
      [...new Set([name, label ?? name])].filter((one) => !kept?.has(one));
    const ends = { give: [], together: rest !== undefined };
    return [
      ...gone
        ? []
        : [{ owner: username, contact: member.username, take: taken(own.label, rest?.own), ...ends }],
      { owner: member.username, contact: username, take: taken(member.label, rest?.theirs), ...ends },
    ];
  });
  if (sides.length > 0) await writeSides(db, host, sides, occasion);
  await deleteMember(db, key, username);
  await touchGroups(db, [key]);
}

/**
 * Makes one member's roster what the group says: after it got another name, many new members, or has ended, which
 * would be too much for one write. Inside of a write.
 */
export async function settleMember(
  db: Db,
  host: string,
  { group_key, username }: Pick<MemberRow, "group_key" | "username">,
  occasion: Occasion,
): Promise<void> {
  const [group, own] = [await findGroupByKey(db, host, group_key), await findMember(db, group_key, username)];
  if (!group || own?.settled !== 0) return;
  const { name } = group;
  const isRename = group.ended === 0 && own.label !== null && own.label !== name;
  const rests = group.ended || isRename
    ? await restsOf(db, host, username, group_key)
    : new Map<string, Rest>();
  const sides = (await listMembers(db, [group_key])).filter((one) => one.username !== username)
    .map(({ username: contact }): Side => {
      const rest = rests.get(contact);
      const old = [...new Set(own.label === null ? [name] : [name, own.label])];
      const take = old.filter((label) => (group.ended || label !== name) && !rest?.own.has(label));
      return {
        ...{ owner: username, contact, take, give: group.ended ? [] : [name] },
        together: group.ended === 0 || rest !== undefined,
        ...(isRename && { where: own.label! }),
      };
    });
  if (sides.length > 0) await writeSides(db, host, sides, occasion);
  await settle(db, own, group.ended ? null : name);
}

async function restsOf(db: Db, host: string, username: string, key: number): Promise<Map<string, Rest>> {
  const rests = new Map<string, Rest>();
  for (const { contact, own, theirs } of await listShared(db, host, username, key)) {
    const rest = rests.get(contact) ?? { own: new Set(), theirs: new Set() };
    rests.set(contact, rest);
    if (own !== null) rest.own.add(own);
    if (theirs !== null) rest.theirs.add(theirs);
  }
  return rests;
}
