import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // What was replaced in users' stores through Couplet: the last few of each. `sealed` is under the key outside of the
  // database, and null where there was nothing before.
  await sql`create table data_version (
    id integer primary key autoincrement, host text not null, username text not null, store text not null,
    sealed text, size integer not null, source text not null, created_at integer not null
  ) strict`.execute(db);
  await sql`create index data_version_place on data_version (host, username, store)`.execute(db);
  await sql`create index data_version_age on data_version (created_at)`.execute(db);
}
