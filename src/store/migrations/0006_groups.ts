import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // A key is never given again: an entity tag of a group that is gone must not fit another.
    sql`create table user_group (
      key integer primary key autoincrement, host text not null, id text not null, name text not null,
      version integer not null default 1, ended integer not null default 0 check (ended in (0, 1)),
      created_at integer not null,
      unique (host, id)
    ) strict`,
    sql`create index user_group_ended on user_group (host) where ended = 1`,
    sql`create table user_group_member (
      group_key integer not null references user_group (key) on delete cascade,
      host text not null, username text not null, joined_at integer not null,
      label text, settled integer not null default 1 check (settled in (0, 1)),
      primary key (group_key, username)
    ) strict, without rowid`,
    sql`create index user_group_member_user on user_group_member (host, username)`,
    sql`create index user_group_unsettled on user_group_member (host, group_key) where settled = 0`,
    // What waits for one user: a group makes much wait for others.
    sql`create index roster_push_user on roster_push (host, username)`,
    // What a contact was before a group made more of it: a subscription, or 'absent'.
    sql`alter table roster_item add column given text
      check (given in ('absent', 'none', 'to', 'from', 'both'))`,
  ];
  for (const statement of statements) await statement.execute(db);
}
