import type { Db, Tables } from "../store/database.ts";

/** Whom or what an alarm is about. */
export type Subject = { readonly person_id: number } | { readonly invite_id: number };

const columnOf = (subject: Subject) =>
  "person_id" in subject
    ? { column: "person_id", id: subject.person_id } as const
    : { column: "invite_id", id: subject.invite_id } as const;

/**
 * One redemption more than there should be. Those that follow each other within the time are one alarm.
 * @returns whether it is a new one
 */
export async function raiseAlarm(
  db: Db,
  host: string,
  subject: Subject,
  { now, within, redemptions, action }: {
    now: number;
    within: number;
    redemptions: number;
    action: Tables["velocity_alarm"]["action"];
  },
): Promise<boolean> {
  const { column, id } = columnOf(subject);
  const last = await db.selectFrom("velocity_alarm").select(["id", "redemptions", "last_at"])
    .where("host", "=", host).where(column, "=", id).orderBy("id", "desc").limit(1).executeTakeFirst();
  if (last && last.last_at > now - within) {
    await db.updateTable("velocity_alarm").set({ redemptions: last.redemptions + 1, last_at: now, action })
      .where("host", "=", host).where("id", "=", last.id).execute();
    return false;
  }
  await db.insertInto("velocity_alarm")
    .values({
      host,
      person_id: null,
      invite_id: null,
      ...subject,
      redemptions,
      action,
      created_at: now,
      last_at: now,
    })
    .execute();
  return true;
}

/** Newest first, before `before`. */
export function listAlarms(db: Db, host: string, before: number, limit: number) {
  return db.selectFrom("velocity_alarm as a").leftJoin("person as p", "p.id", "a.person_id")
    .leftJoin("invite as i", "i.id", "a.invite_id")
    .select(["a.id", "a.redemptions", "a.action", "a.created_at", "a.last_at", "a.person_id"])
    .select(["p.username", "i.token_key"])
    .where("a.host", "=", host).where("a.id", "<", before).orderBy("a.id", "desc").limit(limit).execute();
}

/** Deletes at most `limit` that ended before `time`; answers how many. */
export async function deleteAlarmsBefore(db: Db, host: string, time: number, limit: number): Promise<number> {
  const old = db.selectFrom("velocity_alarm").select("id").where("host", "=", host).where(
    "last_at",
    "<",
    time,
  )
    .limit(limit);
  const result = await db.deleteFrom("velocity_alarm").where("id", "in", old).executeTakeFirst();
  return Number(result.numDeletedRows);
}

export async function deleteAlarmsOf(db: Db, host: string, person_id: number): Promise<void> {
  await db.deleteFrom("velocity_alarm").where("host", "=", host).where("person_id", "=", person_id).execute();
}
