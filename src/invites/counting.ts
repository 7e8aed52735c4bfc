import type { Db } from "../store/database.ts";
import type { Details } from "./invite.ts";
import { factsOf, inviteEvent } from "./invite_events.ts";
import type { InviteNeeds } from "./invites.ts";
import { findRedemption, putRedemption } from "./redemption_store.ts";
import { type InviteRow, updateInvite } from "./store.ts";
import type { Telling } from "./watch.ts";

/**
 * Counts a use for good, with all that follows from it, inside of a write. Again under the same claim it changes
 * nothing. Answers what the inviter is to be told, the same each time.
 * @param jid bare JID of who has used the invite
 */
export type Count = (db: Db, row: InviteRow, jid: string, claim: string) => Promise<Telling | undefined>;

export function createCounting(
  { clock, watch, groups, emit }: Pick<InviteNeeds, "clock" | "watch" | "groups" | "emit">,
): Count {
  async function tellRedeemed(db: Db, row: InviteRow, jid: string, registers: boolean): Promise<void> {
    const now = clock();
    await emit(db, [
      inviteEvent("invite.redeemed", row, now, { redeemed_by: jid }),
      ...(registers
        ? [{ type: "account.registered", host: row.host, data: { jid, invite: factsOf(row, now) } } as const]
        : []),
    ]);
  }

  return async (db, row, jid, claim) => {
    const known = await findRedemption(db, row.id, claim);
    const registers = known?.registers ?? (row.type === "account" ? 1 : 0);
    const use = { jid, registers: registers === 1 };
    const telling = watch.telling(row, use);
    if (known && known.held_until === null) return known.told ? undefined : telling;
    const [now, { host, max_uses }] = [clock(), row];
    const done = { invite_id: row.id, host, jid, claim, held_until: null, registers, created_at: now };
    await putRedemption(db, done);
    const { pause } = await watch.used(db, row, use);
    const { groups: ids = [] }: Details = JSON.parse(row.details);
    const [local = "", domain] = jid.split("@");
    if (domain === host && ids.length > 0) await groups.join(db, host, local, ids);
    const uses = max_uses !== null && row.uses >= max_uses ? row.uses : row.uses + 1; // mod_invites may have counted it
    const change = {
      uses,
      ...(max_uses !== null && uses >= max_uses && { state: "used" as const, ended_at: now }),
      ...(pause && { paused: 1 }),
    };
    await updateInvite(db, row.id, change);
    await tellRedeemed(db, { ...row, ...change }, jid, use.registers);
    return telling;
  };
}
