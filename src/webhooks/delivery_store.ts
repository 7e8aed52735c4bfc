import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

export type DeliveryRow = Selectable<Tables["webhook_delivery"]>;
export type AttemptRow = Selectable<Tables["webhook_attempt"]>;

/** The event that was to be tried again first, of those that are to be by now. */
export function findRetry(db: Db, webhookId: string, now: number): Promise<DeliveryRow | undefined> {
  return db.selectFrom("webhook_delivery").selectAll().where("webhook_id", "=", webhookId)
    .where("next_at", "<=", now).orderBy("next_at").orderBy("event_id").limit(1).executeTakeFirst();
}

export function findDelivery(db: Db, webhookId: string, eventId: number): Promise<DeliveryRow | undefined> {
  return db.selectFrom("webhook_delivery").selectAll().where("webhook_id", "=", webhookId)
    .where("event_id", "=", eventId).executeTakeFirst();
}

/** @returns whether there is such an event and such a webhook still */
export async function putDelivery(db: Db, row: DeliveryRow): Promise<boolean> {
  const { state, attempts, next_at } = row;
  const result = await db.insertInto("webhook_delivery")
    .columns(["event_id", "webhook_id", "state", "attempts", "next_at"])
    .expression(
      db.selectFrom(["webhook_event as e", "webhook as w"]).where("e.id", "=", row.event_id)
        .where("w.id", "=", row.webhook_id)
        .select(["e.id", "w.id as webhook_id"])
        .select([
          sql.val<typeof state>(state).as("state"),
          sql.val<number>(attempts).as("attempts"),
          sql.val<number | null>(next_at).as("next_at"),
        ]),
    )
    .onConflict((oc) => oc.columns(["event_id", "webhook_id"]).doUpdateSet({ state, attempts, next_at }))
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function insertAttempt(db: Db, row: Omit<AttemptRow, "id">): Promise<void> {
  await db.insertInto("webhook_attempt").values(row).execute();
}

/** The receiver is back: whatever waits is tried again now. */
export async function hurryRetries(db: Db, webhookId: string, now: number): Promise<void> {
  await db.updateTable("webhook_delivery").set({ next_at: now }).where("webhook_id", "=", webhookId)
    .where("next_at", ">", now).execute();
}

/** Deletes at most `limit`, with their attempts; answers how many. */
export async function deleteDeliveries(db: Db, webhookId: string, limit: number): Promise<number> {
  const some = db.selectFrom("webhook_delivery").select("event_id").where("webhook_id", "=", webhookId)
    .limit(limit);
  const result = await db.deleteFrom("webhook_delivery").where("webhook_id", "=", webhookId)
    .where("event_id", "in", some).executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** An event of a webhook's host, and what has become of it there; null: it was not tried. */
export interface ListedRow {
  readonly id: number;
  readonly uid: string;
  readonly type: string;
  readonly created_at: number;
  readonly state: DeliveryRow["state"] | null;
  readonly tries: number | null;
  readonly next_at: number | null;
}

const listed = [
  "e.id",
  "e.uid",
  "e.type",
  "e.created_at",
  "d.state",
  "d.attempts as tries",
  "d.next_at",
] as const;

/** Events that were tried and are in this state, newest first, before one. */
export function listInState(
  db: Db,
  { host, id, state, before, limit }: {
    host: string;
    id: string;
    state: DeliveryRow["state"];
    before: number;
    limit: number;
  },
): Promise<ListedRow[]> {
  return db.selectFrom("webhook_delivery as d").innerJoin("webhook_event as e", "e.id", "d.event_id")
    .select(listed).where("d.webhook_id", "=", id).where("e.host", "=", host)
    .where("d.state", "=", state).where("d.event_id", "<", before).orderBy("d.event_id", "desc").limit(limit)
    .execute();
}

/** All events of the host, newest first, between two. */
export function listEvents(
  db: Db,
  { host, id, after, before, limit }: {
    host: string;
    id: string;
    after: number;
    before: number;
    limit: number;
  },
): Promise<ListedRow[]> {
  return db.selectFrom("webhook_event as e")
    .leftJoin(
      "webhook_delivery as d",
      (join) => join.onRef("d.event_id", "=", "e.id").on("d.webhook_id", "=", id),
    )
    .select(listed).where("e.host", "=", host).where("e.id", "<", before).where("e.id", ">", after)
    .orderBy("e.id", "desc").limit(limit).execute();
}

/** Of these events, the newest first. */
export function listAttempts(db: Db, webhookId: string, eventIds: readonly number[]): Promise<AttemptRow[]> {
  return db.selectFrom("webhook_attempt").selectAll().where("webhook_id", "=", webhookId)
    .where("event_id", "in", sql<number>`(select value from json_each(${JSON.stringify(eventIds)}))`)
    .orderBy("id", "desc").execute();
}
