import { getLogger } from "@logtape/logtape";
import type { Clock } from "../core/clock.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { inviteId } from "../invites/invite.ts";
import type { Origin } from "../invites/watch.ts";
import type { Db } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { raiseAlarm, type Subject } from "./alarm_store.ts";
import { findNthJoined, findNthUsed, updatePerson } from "./person_store.ts";

const log = getLogger(["couplet", "people"]);

interface Inviter {
  readonly id: number;
  readonly username: string | null;
  readonly frozen_at: number | null;
}

/**
 * Whether invites are used more quickly than `invites.velocity` has it: looked at when a use is counted, after it was
 * written down. Programs' keys make as many as they like: of theirs only an invite of many uses is looked at.
 */
export function createVelocity({ hosts, clock, emit }: { hosts: Hosts; clock: Clock; emit: Emit }) {
  return async (db: Db, invite: Origin, inviter: Inviter | undefined): Promise<{ pause: boolean }> => {
    const { host } = invite;
    const { "invites.velocity": rule, "invites.velocity_action": action } = hosts.byDomain(host).settings;
    if (!rule) return { pause: false };
    const now = clock();
    const isTooQuick = (nth: number | undefined) => nth !== undefined && nth > now - rule.within;
    const raise = async (subject: Subject, what: { inviter?: string; invite?: string }) => {
      const facts = { now, within: rule.within, redemptions: rule.most + 1, action };
      if (await raiseAlarm(db, host, subject, facts)) {
        log.warn("Invites are used more quickly than invites.velocity has it", { host, action, ...what });
        const data = { ...what, redemptions: facts.redemptions, within: rule.within / 1000, action };
        await emit(db, { type: "invites.velocity", host, data });
      }
    };
    if (inviter && isTooQuick(await findNthJoined(db, host, inviter.id, rule.most))) {
      await raise({ person_id: inviter.id }, { inviter: String(inviter.username) });
      if (action === "pause" && inviter.frozen_at === null) {
        await updatePerson(db, host, inviter.id, { frozen_at: now, frozen_by: "velocity" });
      }
    }
    if (invite.max_uses === 1 || !isTooQuick(await findNthUsed(db, host, invite.id, rule.most))) {
      return { pause: false };
    }
    await raise({ invite_id: invite.id }, { invite: inviteId(invite.token_key) });
    return { pause: action === "pause" };
  };
}
