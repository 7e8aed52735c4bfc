import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // An id is never given again: what is remembered of a roster that is gone must not pass for another's.
    sql`create table roster (
      id integer primary key autoincrement, host text not null, username text not null,
      version integer not null default 0, pending text not null default '{}',
      etag text, fetched_at integer,
      unique (host, username)
    ) strict`,
    sql`create table roster_item (
      roster_id integer not null references roster (id) on delete cascade, jid text not null, name text,
      subscription text not null check (subscription in ('none', 'to', 'from', 'both')),
      ask integer not null check (ask in (0, 1)), approved integer not null check (approved in (0, 1)),
      groups text not null,
      primary key (roster_id, jid)
    ) strict, without rowid`,
    // What Prosody is still to be told of changes that did not come from it.
    sql`create table roster_push (
      id integer primary key autoincrement, host text not null, username text not null,
      change text not null, created_at integer not null
    ) strict`,
    sql`create index roster_push_host on roster_push (host, id)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
