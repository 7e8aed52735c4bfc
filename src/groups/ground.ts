import { type Actor, requireScope, type Scope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { Random } from "../core/token.ts";
import type { Host, Hosts } from "../hosts/hosts.ts";
import type { Prosody } from "../prosody/prosody.ts";
import type { Pushes } from "../rosters/pushes.ts";
import type { Room } from "../rosters/room.ts";
import type { Database, Db } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { groupFromRow } from "./group.ts";
import type { Settling } from "./settling.ts";
import { type CountedGroup, countGroups, findGroup, insertGroup } from "./store.ts";

/** What the group rules work with. */
export interface GroupNeeds {
  readonly database: Database;
  readonly hosts: Hosts;
  readonly prosody: Prosody;
  readonly clock: Clock;
  readonly random: Random;
  readonly pushes: Pushes;
  readonly room: Room;
  readonly settling: Settling;
  readonly emit: Emit;
}

export interface ChangeOptions {
  /** Only at one of these versions; `*`: whatever it is (RFC 9110, 13.1.1). */
  readonly ifMatch?: readonly string[] | undefined;
}

export interface PageOptions {
  /** Where a page ended. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** @throws Problem `not-allowed`, `kept-elsewhere` */
export function hostFor({ hosts }: Pick<GroupNeeds, "hosts">, actor: Actor, scope: Scope): Host {
  requireScope(actor, scope);
  const host = hosts.byDomain(actor.host);
  if (scope === "groups:write" && host.settings["rosters.policy"] === "upstream") {
    throw new Problem(
      "kept-elsewhere",
      "The web app decides about this host's rosters, so there are no groups here: put people who belong " +
        "together into each other's rosters there.",
    );
  }
  return host;
}

/** @throws Problem `not-found`, `precondition-failed` */
export async function requireGroup(
  db: Db,
  host: string,
  id: string,
  { ifMatch }: ChangeOptions = {},
): Promise<CountedGroup> {
  const row = await findGroup(db, host, id);
  if (!row) throw new Problem("not-found", `There is no group ${JSON.stringify(id.slice(0, 100))}.`);
  if (ifMatch && !ifMatch.some((tag) => tag === "*" || tag === groupFromRow(row).version)) {
    throw new Problem("precondition-failed", "The group has changed since you read it. Read it again.");
  }
  return row;
}

/** @throws Problem `conflict` */
export async function addGroup(
  { hosts, clock }: Pick<GroupNeeds, "hosts" | "clock">,
  db: Db,
  host: string,
  id: string,
  name: string,
): Promise<CountedGroup> {
  const most = hosts.byDomain(host).settings["groups.max_groups"];
  if (await countGroups(db, host) >= most) {
    throw new Problem("conflict", `${host} has ${most} groups, the most there can be. Delete some first.`);
  }
  await insertGroup(db, { host, id, name, created_at: clock() });
  return await requireGroup(db, host, id);
}

/** @throws Problem `not-found` */
export function usernameOf(text: string): string {
  const username = normaliseLocal(text);
  if (username !== undefined) return username;
  throw new Problem("not-found", `${JSON.stringify(text.slice(0, 100))} cannot be a username.`);
}
