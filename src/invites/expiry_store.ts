import { type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

/** Up to which invite, in the order of their ends, has been told that they expired. */
export interface Told {
  readonly told_until: number;
  readonly told_id: number;
}

export function findTold(db: Db): Promise<Told | undefined> {
  return db.selectFrom("invite_expiry").selectAll().executeTakeFirst();
}

/** @param told `undefined`: nobody wants to know any more */
export async function putTold(db: Db, told: Told | undefined): Promise<void> {
  await db.deleteFrom("invite_expiry").execute();
  if (told) await db.insertInto("invite_expiry").values(told).execute();
}

/** Invites of all hosts that have ended by `now` and after those, in that order. */
export async function listEnded(
  db: Db,
  { told_until, told_id }: Told,
  now: number,
  limit: number,
): Promise<Selectable<Tables["invite"]>[]> {
  return await db.selectFrom("invite").selectAll()
    .where(sql<boolean>`(expires_at, id) > (${told_until}, ${told_id})`).where("expires_at", "<=", now)
    .orderBy("expires_at").orderBy("id").limit(limit).execute();
}
