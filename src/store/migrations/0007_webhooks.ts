import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table webhook (
      id text primary key, host text not null, url text not null, description text,
      events text not null, events_since integer not null,
      secret_sealed text not null, old_secret_sealed text, old_secret_until integer,
      version integer not null default 1, position integer not null,
      failures integer not null default 0, failing_since integer, paused_until integer not null default 0,
      disabled text, created_at integer not null
    ) strict, without rowid`,
    sql`create index webhook_host on webhook (host, created_at)`,
    // An id is never given again: a webhook's position is the last that it has got.
    sql`create table webhook_event (
      id integer primary key autoincrement, uid text not null, host text not null, type text not null,
      subject text, data text not null, created_at integer not null
    ) strict`,
    sql`create unique index webhook_event_uid on webhook_event (uid)`,
    sql`create index webhook_event_host on webhook_event (host, id)`,
    // While nobody has been told of it, the next of its kind about the same is the same event.
    sql`create unique index webhook_event_subject on webhook_event (host, type, subject)
      where subject is not null`,
    // One row for each event that was tried: what was not lies behind the webhook's position.
    sql`create table webhook_delivery (
      event_id integer not null references webhook_event (id) on delete cascade,
      webhook_id text not null references webhook (id) on delete cascade,
      state text not null check (state in ('retrying', 'delivered', 'failed')),
      attempts integer not null, next_at integer,
      primary key (event_id, webhook_id), check ((next_at is not null) = (state = 'retrying'))
    ) strict, without rowid`,
    sql`create index webhook_delivery_state on webhook_delivery (webhook_id, state, event_id)`,
    sql`create index webhook_delivery_next on webhook_delivery (webhook_id, next_at) where next_at is not null`,
    sql`create table webhook_attempt (
      id integer primary key autoincrement, event_id integer not null, webhook_id text not null,
      status integer, error text, answer text, took integer not null, created_at integer not null,
      foreign key (event_id, webhook_id) references webhook_delivery (event_id, webhook_id) on delete cascade
    ) strict`,
    sql`create index webhook_attempt_delivery on webhook_attempt (event_id, webhook_id)`,
    // Up to which end the expiry of invites has been told: at most one row, and none while nobody wants to know.
    sql`create table invite_expiry (told_until integer not null, told_id integer not null) strict`,
  ];
  for (const statement of statements) await statement.execute(db);
}
