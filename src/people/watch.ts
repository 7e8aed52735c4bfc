import type { Clock } from "../core/clock.ts";
import { sayDuration } from "../core/duration.ts";
import { Problem } from "../core/problem.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { inviteId } from "../invites/invite.ts";
import { inviterOf, type InviteWatch, localOf, type Maker } from "../invites/watch.ts";
import type { Database, Db } from "../store/database.ts";
import type { Calm } from "./calm.ts";
import { erasePerson } from "./erase.ts";
import { findFrozen, insertPerson, putPerson } from "./person_store.ts";
import { countMade } from "./quota_store.ts";
import type { Emit } from "../webhooks/events.ts";
import { createVelocity } from "./velocity.ts";

/** What inviters are told, in their host's language; `who` is a bare JID. */
export interface TellingWords {
  readonly joined: (who: string, host: string) => string;
  readonly accepted: (who: string) => string;
}

/** What the rules about people work with. */
export interface PeopleNeeds {
  readonly database: Database;
  readonly hosts: Hosts;
  readonly clock: Clock;
  readonly calm: Calm;
  readonly words: (host: string) => TellingWords;
  readonly emit: Emit;
}

const day = 86_400_000;

/** Writes down who has invited whom, and says who may invite how much. */
export function createWatch({ database, hosts, clock, words, calm, emit }: PeopleNeeds): InviteWatch {
  const velocity = createVelocity({ hosts, clock, emit });

  /** How many invites may be made in which time; `undefined`: as many as one likes. */
  function quotaOf({ host, source, limits }: Maker): { most: number; period: number } | undefined {
    const own = limits?.quota;
    if (own === null) return undefined;
    if (own !== undefined) return { most: own, period: day };
    if (!source.includes("@")) return undefined;
    const { settings } = hosts.byDomain(host);
    const most = settings["invites.user_quota"];
    return most === null ? undefined : { most, period: settings["invites.user_quota_period"] };
  }

  async function spend(db: Db, maker: Maker, count: number): Promise<void> {
    const quota = quotaOf(maker);
    if (!quota) return;
    const { host, source } = maker;
    const now = clock();
    const { made, began_at } = await countMade(db, {
      host,
      source: holderOf(source),
      count,
      now,
      period: quota.period,
    });
    if (made <= quota.most) return;
    if (count > quota.most) {
      throw new Problem("not-allowed", `No more than ${quota.most} invites can be made here at a time.`);
    }
    const retryAfter = Math.max(1, Math.ceil((began_at + quota.period - now) / 1000));
    const left = Math.max(0, quota.most - made + count);
    throw new Problem(
      "too-many-requests",
      `${quota.most} ${quota.most === 1 ? "invite" : "invites"} can be made ${spell(quota.period)}, and ${
        left === 0
          ? (quota.most === 1 ? "it has been" : "all of them have been")
          : `${left} of them can be still`
      }. More can be made from ${new Date(began_at + quota.period).toISOString()} on.`,
      [],
      { retryAfter },
    );
  }

  return {
    async making(db, maker, count = 1) {
      const local = localOf(maker.source, maker.host);
      if (local !== undefined && await findFrozen(db, maker.host, local)) {
        throw new Problem("not-allowed", "Your invites are paused. Ask an admin of this server about it.");
      }
      await spend(db, maker, count);
    },

    async isPaused(invite) {
      const inviter = inviterOf(invite);
      if (inviter === undefined || await calm.isCalm(invite.host)) return false;
      return await findFrozen(database.db, invite.host, inviter) !== undefined;
    },

    async using(db, invite) {
      const inviter = inviterOf(invite);
      if (inviter === undefined || !await findFrozen(db, invite.host, inviter)) return;
      throw new Problem(
        "invite-paused",
        "This invite is paused just now. Try again later, or ask for a new one.",
      );
    },

    async used(db, invite, { jid, registers }) {
      const { host, token_key, source } = invite;
      const now = clock();
      const username = registers ? localOf(jid, host) : undefined;
      const inviter = username === undefined ? undefined : inviterOf(invite);
      const parent = inviter === undefined ? undefined : await putPerson(db, host, inviter, now);
      if (username !== undefined) {
        const by = parent ? { parent_id: parent.id, source: null } : { parent_id: null, source };
        await erasePerson(db, host, username); // the one before, if Prosody has not told that they are gone
        await insertPerson(db, { host, username, ...by, invite: inviteId(token_key), created_at: now });
      }
      return await velocity(db, invite, parent);
    },

    telling(invite, { jid, registers }) {
      const { host, type } = invite;
      const inviter = inviterOf(invite);
      if (inviter === undefined || type === "reset") return undefined;
      if (!hosts.byDomain(host).settings["invites.tell_inviter"]) return undefined;
      const { joined, accepted } = words(host);
      return { to: `${inviter}@${host}`, text: registers ? joined(jid, host) : accepted(jid) };
    },
  };
}

/** A day, in 12 hours, in 90 seconds. */
const spell = (time: number): string => {
  const said = sayDuration(time);
  return said.startsWith("1 ") ? said.replace("1 ", said === "1 hour" ? "an " : "a ") : `in ${said}`;
};

/** A key's invites count as the key's, by whatever address it makes them. */
const holderOf = (source: string): string => /^api\/token\/[^/]+/.exec(source)?.[0] ?? source;
