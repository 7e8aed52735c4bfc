import { sql } from "kysely";
import type { Db } from "../store/database.ts";

/** Counts `count` more, in a new period if the last one has ended. Answers how many there are since when. */
export async function countMade(
  db: Db,
  { host, source, count, now, period }: {
    host: string;
    source: string;
    count: number;
    now: number;
    period: number;
  },
): Promise<{ made: number; began_at: number }> {
  return await db.insertInto("quota_use").values({ host, source, made: count, began_at: now })
    .onConflict((oc) =>
      oc.columns(["host", "source"]).doUpdateSet({
        made: sql`case when began_at <= ${now - period} then ${count} else made + ${count} end`,
        began_at: sql`case when began_at <= ${now - period} then ${now} else began_at end`,
      })
    ).returning(["made", "began_at"]).executeTakeFirstOrThrow();
}

export function findQuotaUse(
  db: Db,
  host: string,
  source: string,
): Promise<{ made: number; began_at: number } | undefined> {
  return db.selectFrom("quota_use").select(["made", "began_at"]).where("host", "=", host)
    .where("source", "=", source).executeTakeFirst();
}

export async function deleteQuotaUse(db: Db, host: string, source: string): Promise<void> {
  await db.deleteFrom("quota_use").where("host", "=", host).where("source", "=", source).execute();
}

/** Deletes at most `limit` that began before `time`; answers how many. */
export async function deleteQuotaUseBefore(
  db: Db,
  host: string,
  time: number,
  limit: number,
): Promise<number> {
  const old = db.selectFrom("quota_use").select("source").where("host", "=", host).where(
    "began_at",
    "<",
    time,
  )
    .limit(limit);
  const result = await db.deleteFrom("quota_use").where("host", "=", host).where("source", "in", old)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
