import type { Selectable } from "kysely";
import type { Db, Tables } from "../store/database.ts";

export type WebhookRow = Selectable<Tables["webhook"]>;
export type WebhookChange = Partial<Omit<WebhookRow, "id" | "host" | "created_at">>;

export async function insertWebhook(db: Db, row: WebhookRow): Promise<void> {
  await db.insertInto("webhook").values(row).execute();
}

export function findWebhook(db: Db, host: string, id: string): Promise<WebhookRow | undefined> {
  return db.selectFrom("webhook").selectAll().where("id", "=", id).where("host", "=", host)
    .executeTakeFirst();
}

/** Oldest first. */
export function listWebhooks(db: Db, host: string): Promise<WebhookRow[]> {
  return db.selectFrom("webhook").selectAll().where("host", "=", host).orderBy("created_at").orderBy("id")
    .execute();
}

export async function countWebhooks(db: Db, host: string): Promise<number> {
  const { n } = await db.selectFrom("webhook").select(({ fn }) => fn.countAll<number>().as("n"))
    .where("host", "=", host).executeTakeFirstOrThrow();
  return n;
}

export async function updateWebhook(db: Db, host: string, id: string, change: WebhookChange): Promise<void> {
  await db.updateTable("webhook").set(change).where("id", "=", id).where("host", "=", host).execute();
}

/** Moves on to `to`, unless somebody has put it back meanwhile to have events sent again. */
export async function moveOn(
  db: Db,
  { host, id, position }: Pick<WebhookRow, "host" | "id" | "position">,
  to: number,
): Promise<void> {
  await db.updateTable("webhook").set({ position: to }).where("id", "=", id).where("host", "=", host)
    .where("position", "=", position).execute();
}

export async function deleteWebhook(db: Db, host: string, id: string): Promise<void> {
  await db.deleteFrom("webhook").where("id", "=", id).where("host", "=", host).execute();
}

/** Those of all hosts that something may be due for. */
export function listDue(db: Db, now: number): Promise<WebhookRow[]> {
  return db.selectFrom("webhook as w").selectAll("w").where("w.disabled", "is", null)
    .where("w.paused_until", "<=", now)
    .where(({ or, exists, selectFrom }) =>
      or([
        exists(
          selectFrom("webhook_event as e").select("e.id").whereRef("e.host", "=", "w.host")
            .whereRef("e.id", ">", "w.position"),
        ),
        exists(
          selectFrom("webhook_delivery as d").select("d.event_id").whereRef("d.webhook_id", "=", "w.id")
            .where("d.next_at", "<=", now),
        ),
      ])
    ).execute();
}
