import type { ExpressionBuilder, Selectable } from "kysely";
import type { Db, Tables } from "../store/database.ts";

export type RedemptionRow = Selectable<Tables["redemption"]>;

export function findRedemption(db: Db, inviteId: number, claim: string): Promise<RedemptionRow | undefined> {
  return db.selectFrom("redemption").selectAll().where("invite_id", "=", inviteId).where("claim", "=", claim)
    .executeTakeFirst();
}

/** A hold ends at its time; one for a new account only when it is settled, for Prosody may have made the account. */
const isLive = (now: number) => (e: ExpressionBuilder<Tables, "redemption">) =>
  e.and([e("held_until", "is not", null), e.or([e("held_until", ">", now), e("registers", "=", 1)])]);

/** How many uses of this invite are held by others just now. */
export async function countHeld(db: Db, inviteId: number, claim: string, now: number): Promise<number> {
  const { held } = await db.selectFrom("redemption").select((e) => e.fn.countAll<number>().as("held"))
    .where("invite_id", "=", inviteId).where(isLive(now))
    .where("claim", "!=", claim)
    .executeTakeFirstOrThrow();
  return held;
}

/** Whether somebody else is registering as this JID just now. */
export async function isHeld(
  db: Db,
  host: string,
  jid: string,
  claim: string,
  now: number,
): Promise<boolean> {
  const row = await db.selectFrom("redemption").select("id").where("host", "=", host).where("jid", "=", jid)
    .where(isLive(now)).where("claim", "!=", claim).executeTakeFirst();
  return row !== undefined;
}

/** Makes or renews a hold, or, with `held_until` null, counts it for good. */
export async function putRedemption(db: Db, row: Omit<RedemptionRow, "id" | "told">): Promise<void> {
  const { jid, held_until } = row;
  await db.insertInto("redemption").values(row)
    .onConflict((oc) => oc.columns(["invite_id", "claim"]).doUpdateSet({ jid, held_until })).execute();
}

/** The inviter was told of this use. */
export async function markTold(db: Db, inviteId: number, claim: string): Promise<void> {
  await db.updateTable("redemption").set({ told: 1 }).where("invite_id", "=", inviteId)
    .where("claim", "=", claim).execute();
}

/** Gives a hold back; what has been counted stays. */
export async function deleteHold(db: Db, inviteId: number, claim: string): Promise<void> {
  await db.deleteFrom("redemption").where("invite_id", "=", inviteId).where("claim", "=", claim)
    .where("held_until", "is not", null).execute();
}

/** Holds that end before `time`, oldest first. */
export function listEndingHolds(db: Db, time: number, limit: number): Promise<RedemptionRow[]> {
  return db.selectFrom("redemption").selectAll().where("held_until", "<", time).orderBy("held_until").limit(
    limit,
  )
    .execute();
}

/** Who has redeemed an invite, the first 100. */
export async function listRedeemers(db: Db, inviteId: number): Promise<{ jid: string; at: number }[]> {
  return await db.selectFrom("redemption").select(["jid", "created_at as at"]).where(
    "invite_id",
    "=",
    inviteId,
  )
    .where("held_until", "is", null).orderBy("id").limit(100).execute();
}
