import type { Actor, Limits } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import type { Db } from "../store/database.ts";
import type { Wanted } from "./request.ts";

/** Groups, as far as invites have to do with them. */
export interface InviteGroups {
  /** Of these ids those that are no groups of this host's. */
  missing(host: string, ids: readonly string[]): Promise<string[]>;
  /** A user becomes a member. Inside of a write; `deliver` has it heard of when that is done. */
  join(db: Db, host: string, username: string, ids: readonly string[]): Promise<void>;
  deliver(host: string): void;
}

/** @throws Problem `invalid`, naming the first that there is not */
export async function requireGroups(groups: InviteGroups, host: string, { details }: Wanted): Promise<void> {
  const named = details.groups ?? [];
  const [missing] = await groups.missing(host, named);
  if (missing === undefined) return;
  const reason = `There is no group ${JSON.stringify(missing)} on ${host}. Name groups by their ids.`;
  throw new Problem("invalid", reason, [{ at: `/groups/${named.indexOf(missing)}`, reason }]);
}

/** What an actor may put into invites. Who may put anybody into a group may do so with an invite. */
export const limitsOf = ({ limits, scopes }: Pick<Actor, "limits" | "scopes">): Limits =>
  scopes.includes("groups:write") ? { ...limits, groups: undefined } : limits;
