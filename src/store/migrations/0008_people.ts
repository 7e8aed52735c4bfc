import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // Who has joined, or has invited somebody who has. Without a username: erased, the tree below keeps its shape.
    sql`create table person (
      id integer primary key, host text not null, username text,
      parent_id integer references person (id) on delete set null, source text, invite text,
      created_at integer not null, frozen_at integer, frozen_by text,
      check (parent_id is null or parent_id < id)
    ) strict`,
    sql`create unique index person_name on person (host, username) where username is not null`,
    sql`create index person_parent on person (parent_id, host)`,
    sql`create index person_linked on person (host, created_at) where parent_id is not null or source is not null`,
    sql`create index person_frozen on person (host) where frozen_at is not null`,
    // How many invites somebody has made since a time, where a quota holds.
    sql`create table quota_use (
      host text not null, source text not null, made integer not null, began_at integer not null,
      primary key (host, source)
    ) strict, without rowid`,
    sql`create index quota_use_began on quota_use (host, began_at)`,
    sql`create table velocity_alarm (
      id integer primary key, host text not null,
      person_id integer references person (id) on delete cascade,
      invite_id integer references invite (id) on delete cascade,
      redemptions integer not null, action text not null check (action in ('report', 'pause')),
      created_at integer not null, last_at integer not null
    ) strict`,
    sql`create index velocity_alarm_host on velocity_alarm (host)`,
    sql`create index velocity_alarm_last on velocity_alarm (host, last_at)`,
    sql`create index velocity_alarm_person on velocity_alarm (person_id) where person_id is not null`,
    sql`create index velocity_alarm_invite on velocity_alarm (invite_id) where invite_id is not null`,
    // Whether the inviter was told of it without being asked by who counted it.
    sql`alter table redemption add column told integer not null default 0 check (told in (0, 1))`,
    sql`create index redemption_counted on redemption (invite_id) where held_until is null`,
    // Prosody gives the full JID of who asks; devices make nobody another inviter.
    sql`update invite set source = substr(source, 1, instr(source, '/') - 1)
      where instr(source, '@') > 0 and instr(source, '/') > instr(source, '@')`,
    ...known,
  ];
  for (const statement of statements) await statement.execute(db);
}

/** What is known still of who has invited whom. */
const known = [
  sql`create temp table joined as
    select r.host as host, substr(r.jid, 1, length(r.jid) - length(r.host) - 1) as username, i.source as source,
      case
        when i.type = 'contact' then i.username
        when substr(i.source, -length(i.host) - 1) = '@' || i.host
          then substr(i.source, 1, length(i.source) - length(i.host) - 1)
      end as inviter,
      substr(i.token_key, 1, 16) as invite, r.created_at as at
    from redemption as r join invite as i on i.id = r.invite_id
    where r.registers = 1 and r.held_until is null and substr(r.jid, -length(r.host) - 1) = '@' || r.host`,
  sql`insert or ignore into person (host, username, created_at)
    select host, username, min(at) from (
      select host, username, at from joined union all
      select host, inviter, at from joined where inviter is not null
    ) group by host, username order by min(at), max(username in (select inviter from joined)) desc`,
  sql`update person set (parent_id, source, invite, created_at) = (
      select p.id, case when j.inviter is null then j.source end, j.invite, j.at
      from joined as j left join person as p on p.host = j.host and p.username = j.inviter and p.id < person.id
      where j.host = person.host and j.username = person.username order by j.at desc limit 1
    ) where exists (select 1 from joined as j where j.host = person.host and j.username = person.username)`,
  sql`drop table joined`,
];
