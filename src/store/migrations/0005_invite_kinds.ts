import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table invite add column paused integer not null default 0 check (paused in (0, 1))`,
    // Who alone may accept a contact invite: a bare JID, or a domain.
    sql`alter table invite add column for_jid text`,
    // A name that such an invite registers is kept for it.
    sql`create index invite_for on invite (host, for_jid) where for_jid is not null`,
    // When it was used up or withdrawn: one that does not expire is forgotten too.
    sql`alter table invite add column ended_at integer`,
    sql`create index invite_ended on invite (ended_at) where ended_at is not null`,
    // Who has invited whom. Programs' invites are not in it: most of them would be, and nobody asks.
    sql`create index invite_by on invite (host, source, id) where instr(source, '@') > 0`,
    sql`create index redemption_done on redemption (host, jid) where held_until is null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
