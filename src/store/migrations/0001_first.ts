import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table api_key (
      id text primary key, host text not null, name text, secret_hash text not null,
      scopes text not null, limits text not null,
      created_at integer not null, expires_at integer, last_used_at integer
    ) strict, without rowid`,
    sql`create index api_key_host on api_key (host, created_at)`,
    sql`create table invite (
      id integer primary key, host text not null, token_key text not null, token_sealed text not null,
      type text not null check (type in ('account', 'contact', 'reset')),
      username text, register integer not null check (register in (0, 1)),
      state text not null check (state in ('pending', 'used', 'revoked')),
      uses integer not null default 0, max_uses integer check (max_uses > 0),
      source text not null, details text not null,
      created_at integer not null, expires_at integer not null,
      check (type = 'account' or username is not null)
    ) strict`,
    // Every index grows at its end: a new invite touches a page of each, however many there are.
    sql`create unique index invite_token on invite (token_key)`,
    sql`create index invite_host on invite (host)`,
    sql`create index invite_expires on invite (expires_at)`,
    sql`create index invite_username on invite (host, username) where username is not null`,
    sql`create table redemption (
      id integer primary key, invite_id integer not null references invite (id) on delete cascade,
      host text not null, jid text not null, claim text not null, held_until integer,
      registers integer not null check (registers in (0, 1)), created_at integer not null,
      unique (invite_id, claim)
    ) strict`,
    sql`create table idempotency (
      host text not null, source text not null, idempotency_key text not null, request_hash text not null,
      invite_id integer not null references invite (id) on delete cascade, created_at integer not null,
      primary key (host, source, idempotency_key)
    ) strict, without rowid`,
    sql`create index idempotency_created on idempotency (created_at)`,
    sql`create index idempotency_invite on idempotency (invite_id)`,
    sql`create index redemption_held on redemption (held_until) where held_until is not null`,
    sql`create index redemption_jid on redemption (host, jid) where held_until is not null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
