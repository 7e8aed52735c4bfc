import { CompiledQuery, type Selectable, sql } from "kysely";
import type { Db, Tables } from "../store/database.ts";

type InviteRow = Selectable<Tables["invite"]>;
type NewInviteRow = Omit<InviteRow, "id" | "ended_at" | "campaign_id">;

/** What tells whether a token is that of the same invite. */
export type KnownInvite = Pick<InviteRow, "token_key" | "host" | "type" | "username">;

const allOf = (texts: readonly string[]) =>
  sql<string>`(select value from json_each(${JSON.stringify(texts)}))`;

/** The invites of these tokens, whichever host has them: no two have the same token. */
export function findInvitesAnywhere(db: Db, tokenKeys: readonly string[]): Promise<KnownInvite[]> {
  return db.selectFrom("invite").select(["token_key", "host", "type", "username"])
    .where("token_key", "in", allOf(tokenKeys)).execute();
}

/** Which of these usernames a pending account invite keeps for somebody, or somebody is registering just now. */
export async function listReserved(
  db: Db,
  host: string,
  usernames: readonly string[],
  now: number,
): Promise<Set<string>> {
  const kept = await db.selectFrom("invite").select("username").where("host", "=", host)
    .where("username", "in", allOf(usernames)).where("type", "=", "account").where("state", "=", "pending")
    .where("expires_at", ">", now).execute();
  const held = await db.selectFrom("redemption").select("jid").where("host", "=", host)
    .where("jid", "in", allOf(usernames.map((name) => `${name}@${host}`))).where("held_until", "is not", null)
    .where((e) => e.or([e("held_until", ">", now), e("registers", "=", 1)])).execute();
  return new Set([
    ...kept.flatMap(({ username }) => username ?? []),
    ...held.map(({ jid }) => jid.slice(0, -host.length - 1)),
  ]);
}

const columns = [
  ...[
    "host",
    "token_key",
    "token_sealed",
    "type",
    "username",
    "register",
    "state",
    "uses",
    "max_uses",
  ] as const,
  ...["source", "details", "created_at", "expires_at", "paused", "for_jid"] as const,
] satisfies (keyof NewInviteRow)[];
const rowsAtOnce = 100;

/** Many rows, in a few statements. */
export async function insertInvites(db: Db, rows: readonly NewInviteRow[]): Promise<void> {
  const row = `(${Array(columns.length).fill("?").join(", ")})`;
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const some = rows.slice(at, at + rowsAtOnce);
    const text = `insert into invite (${columns.join(", ")}) values ${
      Array(some.length).fill(row).join(", ")
    }`;
    await db.executeQuery(CompiledQuery.raw(text, some.flatMap((one) => columns.map((name) => one[name]))));
  }
}
