import type { Selectable } from "kysely";
import type { Db, Tables } from "../store/database.ts";
import { prepared } from "../store/prepared.ts";

/** What the page of an invite says; the rest of a row would take half as long again to read. */
export type ShownRow = Pick<
  Selectable<Tables["invite"]>,
  | ("id" | "type" | "username" | "register" | "for_jid")
  | ("state" | "max_uses" | "expires_at" | "paused" | "source")
>;

const select = prepared<{ host: string; key: string }, ShownRow>((db, hole) =>
  db.selectFrom("invite")
    .select(["id", "type", "username", "register", "for_jid"])
    .select(["state", "max_uses", "expires_at", "paused", "source"])
    .where("token_key", "=", hole("key")).where("host", "=", hole("host"))
);

export async function findShown(db: Db, host: string, tokenKey: string): Promise<ShownRow | undefined> {
  return (await select(db, { host, key: tokenKey })).rows[0];
}
