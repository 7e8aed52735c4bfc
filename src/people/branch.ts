import { type Actor, requireScope } from "../core/actor.ts";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { createPace } from "../core/turn.ts";
import type { InvitesOfPeople } from "../invites/of_people.ts";
import type { Prosody } from "../prosody/prosody.ts";
import type { Db } from "../store/database.ts";
import { findFrozen, findPerson, listChildren, putPerson, updatePerson } from "./person_store.ts";
import type { PeopleNeeds } from "./watch.ts";

export const branchActions = ["freeze", "thaw", "revoke"] as const;
export type BranchAction = typeof branchActions[number];

/** What was done to a branch, or would be. */
export interface BranchReport {
  readonly user: string;
  readonly action: BranchAction;
  /** The user, and everybody below. */
  readonly people: number;
  /** Their pending invites: paused, good again, or revoked. */
  readonly invites: number;
  /** Whether that is something that was not so before. */
  readonly changed: boolean;
  readonly dry_run?: true;
}

export type ChangeBranch = (
  actor: Actor,
  user: string,
  action: BranchAction,
  options?: { dryRun?: boolean },
) => Promise<BranchReport>;

const atOnce = 50; // people whose invites one statement looks at

/**
 * Freezing is one mark, on the top: who is below is found from below, so a large branch costs no more than a small
 * one, and who joins late is in it. Accounts are never touched.
 * @throws Problem `not-allowed`, `not-found`, `conflict`
 */
export function createBranches(
  { database, hosts, clock, calm, prosody, invites }: PeopleNeeds & {
    prosody: Prosody;
    invites: InvitesOfPeople;
  },
): ChangeBranch {
  /** All of a branch, some at a time: what there is to do with them is done in between. */
  async function walk(
    host: string,
    top: { id: number; username: string | null },
    visit: (usernames: string[]) => Promise<number>,
  ): Promise<{ people: number; invites: number }> {
    const pace = createPace();
    let [people, found] = [0, 0];
    const waiting = [top];
    while (people < waiting.length) {
      const some = waiting.slice(people, people + atOnce);
      people += some.length;
      found += await visit(some.flatMap(({ username }) => username ?? []));
      await pace();
      for (const child of await listChildren(database.db, host, some.map(({ id }) => id))) {
        waiting.push(child);
      }
      await pace();
    }
    return { people, invites: found };
  }

  async function requireUser(host: string, user: string): Promise<string> {
    const username = normaliseLocal(user);
    const isKnown = username !== undefined &&
      (await findPerson(database.db, host, username) !== undefined ||
        await prosody.userExists(host, username) !== false);
    if (isKnown) return username;
    throw new Problem("not-found", `There is no user ${JSON.stringify(user)} on this host.`);
  }

  /** @returns whether it was another way before */
  async function mark(
    db: Db,
    actor: Actor,
    { host, username, isFrozen, dryRun }: {
      host: string;
      username: string;
      isFrozen: boolean;
      dryRun: boolean;
    },
  ): Promise<boolean> {
    const known = await findPerson(db, host, username);
    const was = (known?.frozen_at ?? null) !== null;
    if (!isFrozen && !was) {
      const above = await findFrozen(db, host, username);
      if (above) {
        throw new Problem(
          "conflict",
          `${username} is frozen because ${above.username ?? "somebody above"} is. Thaw that one.`,
        );
      }
    }
    if (was === isFrozen || dryRun) return was !== isFrozen;
    const { id } = known ?? await putPerson(db, host, username, clock());
    const frozen = isFrozen
      ? { frozen_at: clock(), frozen_by: actor.source }
      : { frozen_at: null, frozen_by: null };
    await updatePerson(db, host, id, frozen);
    return true;
  }

  return async (actor, user, action, { dryRun = false } = {}) => {
    requireScope(actor, "invites:revoke");
    const host = hosts.byDomain(actor.host).domain;
    const username = await requireUser(host, user);
    const wanted = { host, username, isFrozen: action === "freeze", dryRun };
    const marked = action !== "revoke" &&
      await (dryRun ? mark(database.db, actor, wanted) : database.write((db) => mark(db, actor, wanted)));
    calm.forget(host);
    const top = await findPerson(database.db, host, username) ?? { id: 0, username };
    const found = await walk(
      host,
      top,
      (names) =>
        action === "revoke" && !dryRun
          ? invites.revokePending(host, names, actor.source)
          : invites.countPending(host, names),
    );
    const changed = action === "revoke" ? found.invites > 0 : marked;
    return { user: username, action, ...found, changed, ...(dryRun && { dry_run: true }) };
  };
}
