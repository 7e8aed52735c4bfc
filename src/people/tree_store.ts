import { type RawBuilder, sql } from "kysely";
import type { Db } from "../store/database.ts";

/** One of the tree, as a walk from the top meets them: level by level. */
export interface TreeRow {
  readonly id: number;
  /** null: erased */
  readonly username: string | null;
  readonly parent_id: number | null;
  readonly source: string | null;
  readonly invite: string | null;
  readonly created_at: number;
  readonly frozen_at: number | null;
  /** 1 for the first level. */
  readonly depth: number;
  /** How many they have invited, shown here or not. */
  readonly invited: number;
}

/**
 * Whom somebody has invited (or, without `parent`, those of whom nobody of the host is known to have invited them),
 * `limit` of them after `after`, and who is below them, `depth` levels in all and no more than `most` people.
 */
export async function listTree(
  db: Db,
  host: string,
  { parent, after, limit, depth, most }: {
    parent: number | undefined;
    after: number;
    limit: number;
    depth: number;
    most: number;
  },
): Promise<TreeRow[]> {
  const below: RawBuilder<unknown> = parent === undefined
    ? sql`parent_id is null`
    : sql`parent_id = ${parent}`;
  // A cross join is done in the order it stands in: from few to many, whatever the planner thinks of a walk.
  const { rows } = await sql<TreeRow>`
    with recursive
      top (id) as materialized (
        select id from person where host = ${host} and ${below} and id > ${after} order by id limit ${limit}
      ),
      walk (id, depth) as (
        select id, 1 from top
        union all
        select p.id, w.depth + 1 from walk as w cross join person as p on p.parent_id = w.id
          where w.depth < ${depth} and p.host = ${host}
        limit ${most}
      )
    select p.id, p.username, p.parent_id, p.source, p.invite, p.created_at, p.frozen_at, w.depth,
      (select count(*) from person as c where c.parent_id = p.id and c.host = ${host}) as invited
    from walk as w cross join person as p on p.id = w.id order by w.depth, p.id`.execute(db);
  return rows;
}
