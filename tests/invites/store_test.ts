import assert from "node:assert/strict";
import { type RootOperationNode, sql } from "kysely";
import {
  deleteEndedBefore,
  findInviteByPrefix,
  findReservation,
  listInvites,
} from "../../src/invites/store.ts";
import type { Db } from "../../src/store/database.ts";
import { createTestApp } from "../harness.ts";

Deno.test("no question about invites is answered by going through all of a host's", async () => {
  await using app = await createTestApp();
  const plan: string[] = [];
  /** Says how SQLite would answer instead of answering. */
  const explaining = app.database.db.withPlugin({
    transformQuery: ({ node }) =>
      ({
        ...node,
        explain: { kind: "ExplainNode", options: sql`query plan`.toOperationNode() },
      }) as RootOperationNode,
    transformResult({ result }) {
      plan.push(...result.rows.map(({ detail }) => String(detail)));
      return Promise.resolve(result);
    },
  }) as unknown as Db;
  const cases: [(db: Db) => Promise<unknown>, RegExp][] = [
    [(db) => findInviteByPrefix(db, "example.org", "0123456789abcdef"), /invite_token \(token_key>\? AND/],
    [
      (db) => findReservation(db, "example.org", "bob", 1),
      /invite_username .*invite_for \(host=\? AND for_jid=\?\)/s,
    ],
    [(db) => listInvites(db, "example.org", 5, 10), /invite_host \(host=\? AND rowid<\?\)/],
    [(db) => deleteEndedBefore(db, 1, 10), /invite_expires .*invite_ended /s],
  ];
  for (const [ask, expected] of cases) {
    plan.length = 0;
    await ask(explaining).catch(() => {}); // a plan is not what was asked for
    assert.match(plan.join("\n"), expected);
    assert.doesNotMatch(plan.join("\n"), /SCAN invite|invite_host \(host=\?\)/);
  }
});
