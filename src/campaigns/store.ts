import { type Insertable, type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

export type CampaignRow = Selectable<Tables["campaign"]>;
export type CampaignInviteRow = Selectable<Tables["invite"]>;
/** What the invites of a campaign have in common. */
export type SharedColumns = Omit<
  CampaignInviteRow,
  "id" | "campaign_id" | "token_key" | "token_sealed" | "ended_at"
>;

export function insertCampaign(db: Db, row: Insertable<Tables["campaign"]>): Promise<CampaignRow> {
  return db.insertInto("campaign").values(row).returningAll().executeTakeFirstOrThrow();
}

export function findCampaign(db: Db, host: string, ref: string): Promise<CampaignRow | undefined> {
  return db.selectFrom("campaign").selectAll().where("host", "=", host).where("ref", "=", ref)
    .executeTakeFirst();
}

type Once = Pick<CampaignRow, "host" | "source"> & { readonly idempotency_key: string };

/** What this Idempotency-Key of this holder has begun since `since`, if anything. */
export function findCampaignOnce(db: Db, once: Once, since: number): Promise<CampaignRow | undefined> {
  return db.selectFrom("campaign").selectAll().where("host", "=", once.host).where("source", "=", once.source)
    .where("idempotency_key", "=", once.idempotency_key).where("created_at", ">", since).executeTakeFirst();
}

/** Lets an Idempotency-Key stand for something new. */
export async function freeIdempotencyKey(db: Db, once: Once): Promise<void> {
  await db.updateTable("campaign").set({ idempotency_key: null }).where("host", "=", once.host)
    .where("source", "=", once.source).where("idempotency_key", "=", once.idempotency_key).execute();
}

/** Newest first, those before `before`. */
export function listCampaigns(db: Db, host: string, before: number, limit: number): Promise<CampaignRow[]> {
  return db.selectFrom("campaign").selectAll().where("host", "=", host).where("id", "<", before)
    .orderBy("id", "desc").limit(limit).execute();
}

/**
 * Counts so many more invites as made, if that is what there are until now and the campaign goes on.
 * Answers whether it was so.
 */
export async function countMade(
  db: Db,
  { id, had, more }: { id: number; had: number; more: number },
): Promise<boolean> {
  const result = await db.updateTable("campaign").set({ made: had + more }).where("id", "=", id)
    .where("made", "=", had).where("revoked_at", "is", null).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** One statement for all of them: what they share as values, and of each its token's key and the sealed token. */
export async function insertInvites(
  db: Db,
  campaign: number,
  shared: SharedColumns,
  tokens: readonly (readonly [key: string, sealed: string])[],
): Promise<void> {
  const values = { ...shared, campaign_id: campaign };
  const columns = sql.join(Object.keys(values).map((name) => sql.ref(name)));
  await sql`insert into invite (${columns}, token_key, token_sealed)
    select ${sql.join(Object.values(values))}, value ->> 0, value ->> 1
    from json_each(${JSON.stringify(tokens)})`.execute(db);
}

/** In the order in which they were made, those after `after`. */
export function listCampaignInvites(
  db: Db,
  campaign: number,
  { after, limit }: { after: number; limit: number },
): Promise<CampaignInviteRow[]> {
  return db.selectFrom("invite").selectAll().where("campaign_id", "=", campaign).where("id", ">", after)
    .orderBy("id").limit(limit).execute();
}

/** Of the next `limit` invites after `after`: how many are in each state, how often they were used, and the last. */
export function countSlice(
  db: Db,
  campaign: number,
  { after, limit, now }: { after: number; limit: number; now: number },
) {
  const slice = db.selectFrom("invite").select(["id", "state", "paused", "expires_at", "uses"])
    .where("campaign_id", "=", campaign).where("id", ">", after).orderBy("id").limit(limit);
  const expired = sql<number>`expires_at <= ${now}`;
  return db.selectFrom(slice.as("slice"))
    .select((e) => [
      "state",
      "paused",
      expired.as("expired"),
      e.fn.countAll<number>().as("count"),
      e.fn.sum<number>("uses").as("uses"),
      e.fn.max("id").as("last"),
    ])
    .groupBy(["state", "paused", expired]).execute();
}

/** Marks the campaign as revoked: no more of it are made. */
export async function endCampaign(db: Db, host: string, ref: string, now: number): Promise<void> {
  await db.updateTable("campaign").set({ revoked_at: now }).where("host", "=", host).where("ref", "=", ref)
    .where("revoked_at", "is", null).execute();
}

/** Revokes what is pending among the next `limit` invites after `after`; answers the last that was looked at. */
export async function revokeSlice(
  db: Db,
  campaign: number,
  { after, limit, now }: { after: number; limit: number; now: number },
): Promise<{ last: number; revoked: CampaignInviteRow[] } | undefined> {
  const slice = db.selectFrom("invite").select("id").where("campaign_id", "=", campaign)
    .where("id", ">", after).orderBy("id").limit(limit);
  const { last } = await db.selectFrom(slice.as("slice")).select((e) => e.fn.max("id").as("last"))
    .executeTakeFirstOrThrow();
  if (last === null) return undefined;
  const revoked = await db.updateTable("invite").set({ state: "revoked", ended_at: now })
    .where("campaign_id", "=", campaign).where("id", ">", after).where("id", "<=", last)
    .where("state", "=", "pending").returningAll().execute();
  return { last, revoked };
}

/** Of the `limit` campaigns after `after`, those from before `time` of which no invite is left. */
export async function listEmpty(
  db: Db,
  time: number,
  after: number,
  limit: number,
): Promise<{ empty: number[]; next?: number }> {
  const rows = await db.selectFrom("campaign").select(["id", "created_at"])
    .select(({ exists, selectFrom }) =>
      exists(selectFrom("invite").select("invite.id").whereRef("invite.campaign_id", "=", "campaign.id"))
        .as("needed")
    )
    .where("id", ">", after).orderBy("id").limit(limit).execute();
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    empty: rows.filter((row) => row.created_at < time && !Number(row.needed)).map(({ id }) => id),
    ...(last && { next: last.id }),
  };
}

/** Forgets them, as far as no invite was made of them meanwhile. */
export async function forgetCampaigns(db: Db, ids: readonly number[]): Promise<void> {
  await db.deleteFrom("campaign").where("id", "in", ids)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom("invite").select("invite.id").whereRef("invite.campaign_id", "=", "campaign.id")),
      )
    ).execute();
}
