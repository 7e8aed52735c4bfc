import { type Actor, requireScope } from "../core/actor.ts";
import { inPieces, letOthersRun } from "../core/turn.ts";
import { inviteId } from "../invites/invite.ts";
import type { InvitesOfPeople } from "../invites/of_people.ts";
import type { Prosody } from "../prosody/prosody.ts";
import { deleteAlarmsBefore, listAlarms } from "./alarm_store.ts";
import { type ChangeBranch, createBranches } from "./branch.ts";
import { erasePerson } from "./erase.ts";
import type { Held } from "./held.ts";
import {
  deleteIdle,
  findPerson,
  findPersonById,
  listIdle,
  listInvited,
  unlinkBefore,
} from "./person_store.ts";
import { deleteQuotaUse, deleteQuotaUseBefore, findQuotaUse } from "./quota_store.ts";
import { createTree, readCursor, type ReadTree } from "./tree.ts";
import type { PeopleNeeds } from "./watch.ts";

/** Invites that were used too quickly. Times are RFC 3339 in UTC. */
export interface Alarm {
  /** Whose invites, or which invite. */
  readonly user?: string | null;
  readonly invite?: string;
  /** In the time of `invites.velocity`, and as long as it went on. */
  readonly redemptions: number;
  readonly action: "report" | "pause";
  readonly began_at: string;
  readonly last_at: string;
}

/** Who has invited whom, and what becomes of it. */
export interface People {
  readonly tree: ReadTree;
  readonly changeBranch: ChangeBranch;
  /** Newest first. @throws Problem `not-allowed`, `invalid` */
  alarms(
    actor: Actor,
    options: { after?: string | undefined; limit: number },
  ): Promise<{ alarms: Alarm[]; next?: string }>;
  /** What the tree and the quotas hold about somebody. */
  readonly held: Held;
  /** Forgets what is older than `people.retention`, in small pieces. */
  sweep(): Promise<void>;
}

const atOnce = 200; // rows in one statement: some ms
const mostInvited = 10_000; // in an export
const day = 86_400_000;

export function createPeople(
  needs: PeopleNeeds & { readonly prosody: Prosody; readonly invites: InvitesOfPeople },
): People {
  const { database, hosts, clock } = needs;
  const { db } = database;
  return {
    tree: createTree(needs),
    changeBranch: createBranches(needs),

    async alarms(actor, { after, limit }) {
      requireScope(actor, "people:read");
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : readCursor(after);
      const rows = await listAlarms(db, hosts.byDomain(actor.host).domain, before, limit + 1);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const alarms = rows.slice(0, limit).map((row) => ({
        ...(row.person_id !== null && { user: row.username }),
        ...(row.token_key !== null && { invite: inviteId(row.token_key) }),
        redemptions: row.redemptions,
        action: row.action,
        began_at: time(row.created_at),
        last_at: time(row.last_at),
      }));
      return { alarms, ...(last && { next: String(last.id) }) };
    },

    held: {
      name: "invite_tree",

      async export(host, username) {
        const [person, quota] = await Promise.all([
          findPerson(db, host, username),
          findQuotaUse(db, host, `${username}@${host}`),
        ]);
        if (!person && !quota) return undefined;
        const parent = person?.parent_id ? await findPersonById(db, host, person.parent_id) : undefined;
        const invited = person ? await listInvited(db, host, person.id, mostInvited) : [];
        return {
          invited_by: parent ? parent.username ?? "erased" : person?.source ?? null,
          ...(person && { invite: person.invite, since: time(person.created_at) }),
          ...(person && person.frozen_at !== null && { frozen_since: time(person.frozen_at) }),
          invited: invited.map((one) => ({
            user: one.username,
            invite: one.invite,
            joined_at: time(one.created_at),
          })),
          ...(quota && { invites_made: { count: quota.made, since: time(quota.began_at) } }),
        };
      },

      erase: (host, username) =>
        database.write(async (db) => {
          await deleteQuotaUse(db, host, `${username}@${host}`);
          await erasePerson(db, host, username);
        }),
    },

    async sweep() {
      const now = clock();
      for (const { domain: host, settings } of hosts.all) {
        const old = now - settings["people.retention"];
        await inPieces(async () =>
          await database.write((db) => unlinkBefore(db, host, old, atOnce, now)) === atOnce
        );
        for (let after: number | undefined = 0; after !== undefined;) {
          const { idle, next }: { idle: number[]; next?: number } = await listIdle(db, host, after, atOnce);
          if (idle.length > 0) await database.write((db) => deleteIdle(db, host, idle));
          after = next;
          await letOthersRun();
        }
        const period = Math.max(settings["invites.user_quota_period"], day);
        await inPieces(async () =>
          await database.write((db) => deleteQuotaUseBefore(db, host, now - period, atOnce)) === atOnce
        );
        await inPieces(async () =>
          await database.write((db) => deleteAlarmsBefore(db, host, old, atOnce)) === atOnce
        );
      }
    },
  };
}

const time = (value: number) => new Date(value).toISOString();
