import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table campaign (
      id integer primary key, ref text not null unique, host text not null, label text, source text not null,
      invite text not null, count integer not null check (count > 0),
      made integer not null default 0 check (made <= count),
      idempotency_key text, request_hash text not null, created_at integer not null, revoked_at integer
    ) strict`,
    sql`create index campaign_host on campaign (host)`,
    sql`create unique index campaign_once on campaign (host, source, idempotency_key)
      where idempotency_key is not null`,
    // Invites of no campaign are not in the index: it does not grow with them.
    sql`alter table invite add column campaign_id integer references campaign (id) on delete set null`,
    sql`create index invite_campaign on invite (campaign_id) where campaign_id is not null`,
    sql`create table invite_template (
      host text not null, name text not null, request text not null, source text not null,
      changed_at integer not null, primary key (host, name)
    ) strict, without rowid`,
    sql`create table join_request (
      id integer primary key, host text not null, token_key text not null unique,
      state text not null check (state in ('waiting', 'approved', 'declined')),
      name text not null, username text, reach text, message text, reason text,
      invite_id integer references invite (id) on delete set null,
      decided_by text, created_at integer not null, decided_at integer
    ) strict`,
    sql`create index join_request_host on join_request (host)`,
    sql`create index join_request_state on join_request (host, state)`,
    sql`create index join_request_last on join_request (coalesce(decided_at, created_at))`,
    sql`create index join_request_invite on join_request (invite_id) where invite_id is not null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
