import { type CompiledQuery, type QueryResult, type RawBuilder, sql } from "kysely";
import type { Db } from "./database.ts";

/** Stands in a compiled query where a value will come. */
class Hole {
  constructor(readonly name: string) {}
}

/**
 * A query that is built and compiled once, at its first use, and then run with new values: half the cost of
 * building it anew, where that counts.
 *
 * @param build makes the query; `hole("x")` stands for the value that is given as `x` later
 */
export function prepared<Values extends object, Row>(
  build: (db: Db, hole: <K extends keyof Values>(name: K) => RawBuilder<Values[K]>) => {
    compile(): CompiledQuery<Row>;
  },
): (db: Db, values: Values) => Promise<QueryResult<Row>> {
  let compiled: CompiledQuery<Row> | undefined;
  return (db, values) => {
    compiled ??= build(
      db,
      (name) => sql.val(new Hole(String(name))) as unknown as RawBuilder<Values[typeof name]>,
    )
      .compile();
    const parameters = compiled.parameters.map((value) =>
      value instanceof Hole ? values[value.name as keyof Values] : value
    );
    return db.executeQuery({ ...compiled, parameters });
  };
}
