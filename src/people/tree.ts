import { type Actor, requireScope } from "../core/actor.ts";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { Db } from "../store/database.ts";
import { countInvited, findPerson, findPersonById, type PersonRow } from "./person_store.ts";
import { listTree, type TreeRow } from "./tree_store.ts";
import type { PeopleNeeds } from "./watch.ts";

/** Somebody, and whom they have invited. Times are RFC 3339 in UTC. */
export interface TreePerson {
  /** The username; `null`: erased. */
  readonly user: string | null;
  /** Who has invited them: a bare JID, `erased`, `api/token/ID` or `cli`; `null`: nobody that we know of. */
  readonly invited_by: string | null;
  /** By which invite, and when they joined; absent where that is not known. */
  readonly invite?: string;
  readonly joined_at?: string;
  readonly frozen?: true;
  /** How many they have invited. */
  readonly invited: number;
  readonly people: readonly TreePerson[];
  /** There are more below than are shown: ask for this one's tree. */
  readonly more?: true;
}

export interface TreeOptions {
  /** Levels; 5 if not given. */
  readonly depth?: number | undefined;
  /** Where the page before said that this one begins. */
  readonly after?: string | undefined;
  /** Of the first level; 50 if not given. */
  readonly limit?: number | undefined;
}

/** The host's people whom nobody of the host has invited, or one user, each with who is below. */
export interface Tree {
  readonly people: readonly TreePerson[];
  readonly next?: string;
}

const most = 1_000; // people in one answer: a statement of some ms

export type ReadTree = (actor: Actor, user: string | undefined, options?: TreeOptions) => Promise<Tree>;

/** @throws Problem `not-allowed`, `not-found`, `invalid` */
export function createTree({ database, hosts }: Pick<PeopleNeeds, "database" | "hosts">): ReadTree {
  return async (actor, user, { depth = 5, after, limit = 50 } = {}) => {
    requireScope(actor, "people:read");
    const host = hosts.byDomain(actor.host).domain;
    const person = user === undefined ? undefined : await requirePerson(database.db, host, user);
    const rows = await listTree(database.db, host, {
      parent: person?.id,
      after: readCursor(after),
      limit: limit + 1,
      depth,
      most: most + 1,
    });
    const top = rows.filter((row) => row.depth === 1);
    const last = top.length > limit ? top[limit - 1] : undefined;
    const shown = new Set(top.slice(0, limit).map(({ id }) => id));
    const below = Map.groupBy(rows.filter((row) => row.depth > 1), (row) => row.parent_id);
    const name = (row: { username: string | null }) =>
      row.username === null ? "erased" : `${row.username}@${host}`;
    const nest = (row: TreeRow, by: string | null): TreePerson => {
      const people = (below.get(row.id) ?? []).map((child) => nest(child, name(row)));
      return personJson(row, by, row.invited, people, row.invited > people.length);
    };
    const first = top.filter(({ id }) => shown.has(id));
    const next = last && { next: String(last.id) };
    if (!person) return { people: first.map((row) => nest(row, row.source)), ...next };
    const parent = person.parent_id === null
      ? undefined
      : await findPersonById(database.db, host, person.parent_id);
    const people = first.map((row) => nest(row, name(person)));
    const invited = await countInvited(database.db, host, person.id);
    return {
      people: [personJson(person, parent ? name(parent) : person.source, invited, people, false)],
      ...next,
    };
  };
}

/** @throws Problem `not-found` unless this user is in the tree */
export async function requirePerson(db: Db, host: string, user: string): Promise<PersonRow> {
  const username = normaliseLocal(user);
  const person = username === undefined ? undefined : await findPerson(db, host, username);
  if (person) return person;
  throw new Problem(
    "not-found",
    `${
      JSON.stringify(user)
    } is not in the tree: no invite is known that they, or somebody by them, joined with.`,
  );
}

/** @throws Problem `invalid` */
export function readCursor(after: string | undefined): number {
  if (after === undefined || /^[0-9]{1,15}$/.test(after)) return Number(after ?? 0);
  throw new Problem(
    "invalid",
    "This is not where a page begins: use the address that a page gave as next.",
    [{ at: "/after", reason: "not from a page's next" }],
  );
}

function personJson(
  row: Omit<PersonRow, "host" | "frozen_by">,
  invited_by: string | null,
  invited: number,
  people: readonly TreePerson[],
  more: boolean,
): TreePerson {
  return {
    user: row.username,
    invited_by,
    ...(row.invite !== null && { invite: row.invite }),
    ...(invited_by !== null && { joined_at: new Date(row.created_at).toISOString() }),
    ...(row.frozen_at !== null && { frozen: true }),
    invited,
    people,
    ...(more && { more }),
  };
}
