import { type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

// As the index has it: without this it is not used.
const isPersons = sql<boolean>`instr(source, '@') > 0`;

/** The ids of pending invites that these people of the host have made, or are the contact of. */
export async function listPendingOf(
  db: Db,
  host: string,
  usernames: readonly string[],
  now: number,
): Promise<number[]> {
  // Name by name, by the index that knows names: to the planner, without figures, that of the host looks as good.
  const { rows } = await sql<{ id: number }>`
    with name (username) as materialized (select value from json_each(${JSON.stringify(usernames)}))
    select i.id from name as n cross join invite as i
      on i.host = ${host} and i.source = n.username || '@' || ${host} and instr(i.source, '@') > 0
      where i.state = 'pending' and i.expires_at > ${now} and i.type != 'contact'
    union
    select i.id from name as n cross join invite as i
      on i.host = ${host} and i.username = n.username and i.username is not null
      where i.state = 'pending' and i.expires_at > ${now} and i.type = 'contact'`.execute(db);
  return rows.map(({ id }) => id);
}

export async function revokeInvites(
  db: Db,
  host: string,
  ids: readonly number[],
  now: number,
): Promise<Selectable<Tables["invite"]>[]> {
  return await db.updateTable("invite").set({ state: "revoked", ended_at: now }).where("host", "=", host)
    .where("id", "in", sql<number>`(select value from json_each(${JSON.stringify(ids)}))`)
    .where("state", "=", "pending").returningAll().execute();
}

/** What somebody has made, or is the contact or the account of; newest first. */
export function listInvitesOf(
  db: Db,
  host: string,
  username: string,
  limit: number,
): Promise<Selectable<Tables["invite"]>[]> {
  const jid = `${username}@${host}`;
  return db.selectFrom("invite").selectAll().where("host", "=", host).where(isPersons).where(
    "source",
    "=",
    jid,
  )
    .union(db.selectFrom("invite").selectAll().where("host", "=", host).where("username", "=", username))
    .union(db.selectFrom("invite").selectAll().where("host", "=", host).where("for_jid", "=", jid))
    .orderBy("id", "desc").limit(limit).execute();
}

/** What somebody has used; newest first. */
export function listUsesOf(
  db: Db,
  host: string,
  username: string,
  limit: number,
): Promise<{ token_key: string; created_at: number }[]> {
  return db.selectFrom("redemption as r").innerJoin("invite as i", "i.id", "r.invite_id")
    .select(["i.token_key", "r.created_at"]).where("r.host", "=", host)
    .where("r.jid", "=", `${username}@${host}`).where("r.held_until", "is", null)
    .orderBy("r.id", "desc").limit(limit).execute();
}

/**
 * Takes a name out of all that is over; a pending contact invite, or a reset, is revoked. One that keeps the name for
 * somebody, and a use that is being held, stay: that may be the next one of the name.
 */
export async function eraseInvitesOf(
  db: Db,
  host: string,
  username: string,
  { now, erased }: { now: number; erased: string },
): Promise<void> {
  const jid = `${username}@${host}`;
  await db.updateTable("invite").set({ source: erased }).where("host", "=", host).where(isPersons)
    .where("source", "=", jid).execute();
  await db.updateTable("invite").set({
    username: "",
    state: sql`iif(state = 'pending', 'revoked', state)`,
    ended_at: sql`ifnull(ended_at, ${now})`,
  })
    .where("host", "=", host).where("username", "=", username).where("type", "!=", "account").execute();
  await db.updateTable("invite").set({ username: null }).where("host", "=", host)
    .where("username", "=", username).where("type", "=", "account")
    .where((e) => e.or([e("state", "!=", "pending"), e("expires_at", "<=", now)])).execute();
  await db.updateTable("invite").set({ for_jid: erased }).where("host", "=", host).where("for_jid", "=", jid)
    .where("state", "!=", "pending").execute();
  await db.updateTable("redemption").set({ jid: erased }).where("host", "=", host).where("jid", "=", jid)
    .where("held_until", "is", null).execute();
}
