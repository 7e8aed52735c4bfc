import assert from "node:assert/strict";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, SqliteDialect } from "kysely";
import {
  findJoinRequestByPrefix,
  forgetJoinRequests,
  listJoinRequests,
} from "../../src/campaigns/join_store.ts";
import { listEmpty } from "../../src/campaigns/store.ts";
import { deleteEnded, listUnsettled, listUnsettledHosts } from "../../src/groups/store.ts";
import { eraseInvitesOf, listPendingAfter, listPendingOf } from "../../src/invites/of_people_store.ts";
import { deleteEndedBefore, revokeInvitesOf } from "../../src/invites/store.ts";
import { deleteAlarmsBefore, listAlarms } from "../../src/people/alarm_store.ts";
import { listChildren, listIdle, unlinkBefore } from "../../src/people/person_store.ts";
import { deleteQuotaUseBefore } from "../../src/people/quota_store.ts";
import { deletePushesBefore, findUnheard, listSilentPushes } from "../../src/rosters/push_store.ts";
import { type Db, openDatabase, type Tables } from "../../src/store/database.ts";
import { findRetry } from "../../src/webhooks/delivery_store.ts";
import { deleteEvents } from "../../src/webhooks/event_store.ts";

const host = "example.org";
const [after, limit, now] = [0, 100, 1];

const all: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  findJoinRequestByPrefix: (db) => findJoinRequestByPrefix(db, host, "x"),
  forgetJoinRequests: (db) => forgetJoinRequests(db, now, limit),
  listJoinRequests: (db) => listJoinRequests(db, host, { state: undefined, before: 9, limit }),
  listWaiting: (db) => listJoinRequests(db, host, { state: "waiting", before: 9, limit }),
  listEmpty: (db) => listEmpty(db, now, after, limit),
  deleteEnded: (db) => deleteEnded(db, host),
  listUnsettled: (db) => listUnsettled(db, host, limit),
  listUnsettledHosts,
  listPendingOf: (db) => listPendingOf(db, host, ["ann"], now, limit),
  listMade: (db) => listPendingAfter(db, host, { username: "ann", tie: "made", after, now, limit }),
  listContact: (db) => listPendingAfter(db, host, { username: "ann", tie: "contact", after, now, limit }),
  eraseInvitesOf: (db) => eraseInvitesOf(db, host, "ann", { now, erased: "erased", limit }),
  revokeInvitesOf: (db) => revokeInvitesOf(db, host, "ann", now, limit),
  deleteEndedBefore: (db) => deleteEndedBefore(db, now, limit),
  deleteAlarmsBefore: (db) => deleteAlarmsBefore(db, host, now, limit),
  listAlarms: (db) => listAlarms(db, host, 9, limit),
  listChildren: (db) => listChildren(db, host, [1]),
  listIdle: (db) => listIdle(db, host, after, limit),
  unlinkBefore: (db) => unlinkBefore(db, host, now, limit, now),
  deleteQuotaUseBefore: (db) => deleteQuotaUseBefore(db, host, now, limit),
  deletePushesBefore: (db) => deletePushesBefore(db, now, limit),
  listSilentPushes: (db) => listSilentPushes(db, host, { after, before: now, limit }),
  findUnheard: (db) => findUnheard(db, host, "ann"),
  findRetry: (db) => findRetry(db, "wh", now),
  deleteEvents: (db) => deleteEvents(db, { after, last: 9, latest: now }, limit),
};

/** Tables that grow, and of which a host may have all rows. */
const large =
  "invite|redemption|person|quota_use|velocity_alarm|join_request|webhook_event|roster_push|campaign";
const scans = new RegExp(`^SCAN (${large}|user_group|user_group_member)\\b(?!.*_unsettled|.*_ended)`);
const isFirst = "SCAN roster_push"; // the oldest few, by id
const ofHost = new RegExp(
  `^SEARCH (${large}) USING (COVERING INDEX|INDEX|PRIMARY KEY) ?\\w* ?\\(host=\\?\\)$`,
);

Deno.test("no statement that runs often, or of which much depends, looks at all rows of a host", async (t) => {
  const dir = await Deno.makeTempDir({ prefix: "couplet-test-" });
  const path = `${dir}/couplet.db`;
  await (await openDatabase(path)).close();
  using sqlite = new DatabaseSync(path);
  const plan: string[] = [];
  const prepare = (text: string) => {
    const statement = sqlite.prepare(text);
    const looked = (values: readonly unknown[]) => {
      const rows = sqlite.prepare(`explain query plan ${text}`).all(...values as SQLInputValue[]);
      plan.push(...rows.map(({ detail }) => String(detail)));
    };
    return {
      reader: statement.columns().length > 0,
      all: (values: readonly unknown[]) => (looked(values), statement.all(...values as SQLInputValue[])),
      run: (values: readonly unknown[]) => (looked(values), statement.run(...values as SQLInputValue[])),
      iterate: (values: readonly unknown[]) => statement.iterate(...values as SQLInputValue[]),
    };
  };
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: { close: () => {}, prepare } }) });
  for (const [name, run] of Object.entries(all)) {
    await t.step(name, async () => {
      plan.length = 0;
      await run(db);
      assert.notEqual(plan.length, 0);
      const bad = plan.filter((line) =>
        (scans.test(line) && line !== isFirst) ||
        (ofHost.test(line) && !/join_request_host|velocity_alarm_host/.test(line)) ||
        /TEMP B-TREE FOR ORDER BY/.test(line)
      );
      assert.deepEqual(bad, [], plan.join("\n"));
    });
  }
  await db.destroy();
  await Deno.remove(dir, { recursive: true });
});
