import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table invite add column paused integer not null default 0 check (paused in (0, 1))`,
    // Who alone may accept a contact invite: a bare JID, or a domain.
    sql`alter table invite add column for_jid text`,
    // Who has invited whom. Programs' invites are not in it: most of them would be, and nobody asks.
    sql`create index invite_by on invite (host, source, id) where instr(source, '@') > 0`,
    sql`create index redemption_done on redemption (host, jid) where held_until is null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
