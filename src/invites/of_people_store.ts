import { type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

// As the index has it: without this it is not used.
const isPersons = sql<boolean>`instr(source, '@') > 0`;

/** The ids of `limit` pending invites that these people of the host have made, or are the contact of. */
export async function listPendingOf(
  db: Db,
  host: string,
  usernames: readonly string[],
  now: number,
  limit: number,
): Promise<number[]> {
  // Name by name, by the index that knows names: to the planner, without figures, that of the host looks as good.
  const { rows } = await sql<{ id: number }>`
    with name (username) as materialized (select value from json_each(${JSON.stringify(usernames)}))
    select i.id from name as n cross join invite as i
      on i.host = ${host} and i.source = n.username || '@' || ${host} and instr(i.source, '@') > 0
      where i.state = 'pending' and i.expires_at > ${now} and i.type != 'contact'
    union all
    select i.id from name as n cross join invite as i
      on i.host = ${host} and i.username = n.username and i.username is not null
      where i.state = 'pending' and i.expires_at > ${now} and i.type = 'contact' limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** By what an invite is somebody's: they have made it, or are its contact. */
export type Tie = "made" | "contact";

/** Of somebody's next `limit` invites after `after`, of whatever state: the pending ones, and the last if there may be more. */
export async function listPendingAfter(
  db: Db,
  host: string,
  { username, tie, after, now, limit }: {
    username: string;
    tie: Tie;
    after: number;
    now: number;
    limit: number;
  },
): Promise<{ ids: number[]; next?: number }> {
  const rows = await db.selectFrom("invite").select(["id", "state", "expires_at", "type"])
    .where("host", "=", host).where("id", ">", after)
    .$if(tie === "made", (query) => query.where(isPersons).where("source", "=", `${username}@${host}`))
    .$if(tie === "contact", (query) => query.where("username", "=", username))
    .orderBy("id").limit(limit).execute();
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    ids: rows.filter((row) =>
      row.state === "pending" && row.expires_at > now && (row.type === "contact") === (tie === "contact")
    ).map(({ id }) => id),
    ...(last && { next: last.id }),
  };
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

/** The ids of what somebody has made, or is the contact or the account of; newest first. */
export async function listIdsOf(db: Db, host: string, username: string, limit: number): Promise<number[]> {
  const jid = `${username}@${host}`;
  const ids = db.selectFrom("invite").select("id").where("host", "=", host);
  const rows = await ids.where(isPersons).where("source", "=", jid)
    .union(ids.where("username", "=", username)).union(ids.where("for_jid", "=", jid))
    .orderBy("id", "desc").limit(limit).execute();
  return rows.map(({ id }) => id);
}

/** Of these ids, the newest first. */
export function listInvitesById(
  db: Db,
  host: string,
  ids: readonly number[],
): Promise<Selectable<Tables["invite"]>[]> {
  return db.selectFrom("invite").selectAll().where(sql<string>`+host`, "=", host)
    .where("id", "in", sql<number>`(select value from json_each(${JSON.stringify(ids)}))`)
    .orderBy("id", "desc").execute();
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
 * Takes a name out of all that is over, `limit` rows of each kind; a pending contact invite, or a reset, is revoked. One
 * that keeps the name for somebody, and a use that is being held, stay: that may be the next one of the name.
 * @returns whether there may be more
 */
export async function eraseInvitesOf(
  db: Db,
  host: string,
  username: string,
  { now, erased, limit }: { now: number; erased: string; limit: number },
): Promise<boolean> {
  const jid = `${username}@${host}`;
  const some = db.selectFrom("invite").select("id").where("host", "=", host).limit(limit);
  const named = some.where("username", "=", username);
  const results = [
    await db.updateTable("invite").set({ source: erased })
      .where("id", "in", some.where(isPersons).where("source", "=", jid)).executeTakeFirst(),
    await db.updateTable("invite").set({
      username: "",
      state: sql`iif(state = 'pending', 'revoked', state)`,
      ended_at: sql`ifnull(ended_at, ${now})`,
    }).where("id", "in", named.where("type", "!=", "account")).executeTakeFirst(),
    await db.updateTable("invite").set({ username: null }).where(
      "id",
      "in",
      named.where("type", "=", "account")
        .where((e) => e.or([e("state", "!=", "pending"), e("expires_at", "<=", now)])),
    ).executeTakeFirst(),
    await db.updateTable("invite").set({ for_jid: erased })
      .where("id", "in", some.where("for_jid", "=", jid).where("state", "!=", "pending")).executeTakeFirst(),
    await db.updateTable("redemption").set({ jid: erased }).where(
      "id",
      "in",
      db.selectFrom("redemption").select("id").where("host", "=", host).where("jid", "=", jid)
        .where("held_until", "is", null).limit(limit),
    ).executeTakeFirst(),
  ];
  return results.some(({ numUpdatedRows }) => Number(numUpdatedRows) === limit);
}
