import type { Db, Tables } from "../store/database.ts";

type IdempotencyRow = Tables["idempotency"];

/** What this key of this holder has made since `since`, if anything. */
export function findIdempotent(
  db: Db,
  { host, source, idempotency_key }: Pick<IdempotencyRow, "host" | "source" | "idempotency_key">,
  since: number,
): Promise<IdempotencyRow | undefined> {
  return db.selectFrom("idempotency").selectAll().where("host", "=", host).where("source", "=", source)
    .where("idempotency_key", "=", idempotency_key).where("created_at", ">", since).executeTakeFirst();
}

export async function putIdempotent(db: Db, row: IdempotencyRow): Promise<void> {
  await db.replaceInto("idempotency").values(row).execute();
}

/** Forgets at most `limit` that are older than `time`. */
export async function forgetIdempotent(db: Db, time: number, limit: number): Promise<number> {
  const old = db.selectFrom("idempotency").select(["host", "source", "idempotency_key"])
    .where("created_at", "<=", time).limit(limit);
  const result = await db.deleteFrom("idempotency")
    .where((e) =>
      e(
        e.refTuple("host", "source", "idempotency_key"),
        "in",
        old.$asTuple("host", "source", "idempotency_key"),
      )
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
