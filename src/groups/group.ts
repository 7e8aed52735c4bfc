import { Problem } from "../core/problem.ts";
import { type Random, randomId } from "../core/token.ts";
import { textFault } from "../rosters/roster.ts";
import type { CountedGroup, MemberRow } from "./store.ts";

/** People of one host who all know each other. Times are milliseconds since 1970. */
export interface Group {
  readonly id: string;
  readonly host: string;
  /** The roster group that its members see each other in. */
  readonly name: string;
  /** How many members there are. */
  readonly members: number;
  readonly created_at: number;
  /** Another one with every change; as an entity tag it fits no group that had this id before. */
  readonly version: string;
}

/** Somebody in a group. */
export interface Member {
  readonly username: string;
  readonly joined_at: number;
}

export const groupFromRow = ({ id, host, name, members, created_at, ...row }: CountedGroup): Group => ({
  ...{ id, host, name, members, created_at, version: `${row.key}.${row.version}` },
});

export const memberFromRow = ({ username, joined_at }: MemberRow): Member => ({ username, joined_at });

/** The shape that HTTP and `--json` show: times as RFC 3339 in UTC. */
export const groupJson = ({ version: _, created_at, ...group }: Group) => ({
  ...group,
  created_at: new Date(created_at).toISOString(),
});

/** @param host the group's */
export const memberJson = ({ username, joined_at }: Member, host: string) => ({
  ...{ username, jid: `${username}@${host}`, joined_at: new Date(joined_at).toISOString() },
});

/** 12 characters that no two groups get. */
export const makeGroupId = (random: Random): string => randomId(random, 9);

/** @throws Problem `invalid` */
export function requireGroupId(id: string): string {
  if (/^[\w-][\w.~-]{0,63}$/.test(id)) return id;
  const reason =
    "An id has 1 to 64 letters, digits, '-', '_', '.' or '~', and does not begin with '.' or '~'.";
  throw new Problem("invalid", reason, [{ at: "/id", reason }]);
}

/** A group's name must do as that of a roster group (RFC 6121, 2.1.2.6). @throws Problem `invalid` */
export function requireGroupName(name: string): string {
  const reason = name.trim() === "" ? "A group needs a name." : textFault(name, "A name");
  if (reason === undefined) return name;
  throw new Problem("invalid", reason, [{ at: "/name", reason }]);
}
