import type { Clock } from "../core/clock.ts";
import { inPieces } from "../core/turn.ts";
import type { Database, Db } from "../store/database.ts";
import type { Events } from "../webhooks/events.ts";
import { findTold, listEnded, putTold } from "./expiry_store.ts";
import { inviteEvent } from "./invite_events.ts";

const atOnce = 100;

/**
 * Tells of invites that have expired since it was last called, each once: how far that is stands in the database,
 * and what is next in an index. What was missed by a daemon that was away is told of when it is back.
 */
export async function tellExpired(
  { database, events, clock }: { database: Database; events: Events; clock: Clock },
): Promise<void> {
  const now = clock();
  const since = await events.wantedSince("invite.expired");
  const told = await findTold(database.db);
  if (since === undefined) {
    if (told) await database.write((db) => putTold(db, undefined));
    return;
  }
  const next = async (db: Db) =>
    await listEnded(db, await findTold(db) ?? { told_until: since, told_id: 0 }, now, atOnce);
  const tell = async (db: Db) => {
    const ended = await next(db);
    const expired = ended.filter(({ state }) => state === "pending");
    await events.emit(db, expired.map((row) => inviteEvent("invite.expired", row, now, {})));
    const { expires_at: told_until = since, id: told_id = 0 } = ended.at(-1) ?? {};
    await putTold(db, { told_until, told_id });
    return ended.length;
  };
  if (told && (await next(database.db)).length === 0) return; // costs no write
  await inPieces(async () => await database.write(tell) === atOnce);
}
