import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // Whose changed rosters a `refresh_url` is still to be told of: each user once, with a new id at each change.
  await sql`create table roster_untold (
    id integer primary key autoincrement, host text not null, username text not null, created_at integer not null,
    unique (host, username) on conflict replace
  ) strict`.execute(db);
}
