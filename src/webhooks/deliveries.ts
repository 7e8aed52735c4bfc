import { getLogger } from "@logtape/logtape";
import { bulkhead } from "cockatiel";
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/token.ts";
import { inPieces } from "../core/turn.ts";
import type { Database } from "../store/database.ts";
import type { Send } from "./attempt.ts";
import {
  closeEvent,
  deleteEvents,
  type EventRow,
  findEvent,
  lastEventBefore,
  listEventsAfter,
} from "./event_store.ts";
import { type DeliveryRow, findDelivery, findRetry } from "./delivery_store.ts";
import { createOutcomes } from "./outcomes.ts";
import { findWebhook, listDue, moveOn, type WebhookRow } from "./store.ts";

/**
 * Sends events to webhooks: to each one at a time and in order, as long as it takes them. One that waits for its
 * next try lets those behind it pass.
 */
export interface Deliveries {
  /** Begins with whatever is due, and does not wait for it. */
  deliverAll(): Promise<void>;
  /** Deletes what is older than the retention time. */
  sweep(): Promise<void>;
  /** Begins nothing more, and lets go of what is under way: it will be sent again, under the same id. */
  stop(): void;
  /** When nothing is under way. */
  settled(): Promise<void>;
}

const log = getLogger(["couplet", "webhooks"]);
const atOnce = 64; // requests in all
const lookEvery = 1_000; // ms in which nobody has written, and what is to be tried again may be due
const pageSize = 200;
const sweptAtOnce = 100; // events, each with what has become of it at every webhook
const longest = 30 * 86_400_000; // ms

export function createDeliveries(
  { database, clock, random, send, retention, disableAfter }: {
    database: Database;
    clock: Clock;
    random: Random;
    send: Send;
    retention: number;
    disableAfter: number;
  },
): Deliveries {
  const slots = bulkhead(atOnce, Infinity);
  const lanes = new Map<string, Promise<void>>();
  // Of each webhook: from its position to here there is nothing that it wants.
  const passed = new Map<string, { row: WebhookRow; to: number }>();
  const stopping = new AbortController();
  const record = createOutcomes({ database, clock, random, disableAfter });
  let [seen, lookedAt] = [-1, -Infinity];

  /** The next event that it has not been tried with. */
  async function nextFresh(row: WebhookRow): Promise<number | undefined> {
    const types: string[] = JSON.parse(row.events);
    const before = passed.get(row.id);
    const isSame = before?.row.position === row.position && before.row.version === row.version;
    for (let from = isSame ? before.to : row.position;;) {
      const events = await listEventsAfter(database.db, row.host, from, pageSize);
      const wanted = events.find(({ type }) => types[0] === "*" || types.includes(type));
      if (wanted) return wanted.id;
      const last = events.at(-1);
      if (!last) return undefined;
      passed.set(row.id, { row, to: from = last.id });
      if (events.length < pageSize) return undefined;
    }
  }

  async function next(row: WebhookRow): Promise<{ event: EventRow; before?: DeliveryRow } | undefined> {
    const [retry, fresh] = [await findRetry(database.db, row.id, clock()), await nextFresh(row)];
    if (!retry && fresh === undefined) return undefined;
    const id = retry && retry.event_id <= (fresh ?? Infinity) ? retry.event_id : fresh!;
    const event = await findEvent(database.db, row.host, id);
    if (!event) return undefined; // deleted just now
    if (event.subject !== null) {
      await database.write((db) => closeEvent(db, row.host, id));
      return await next(row); // with what it said last
    }
    const before = await findDelivery(database.db, row.id, id);
    return { event, ...(before && { before }) };
  }

  /** @returns whether there may be more to do */
  async function step(host: string, id: string): Promise<boolean> {
    const row = await findWebhook(database.db, host, id);
    if (!row || row.disabled !== null || row.paused_until > clock() || stopping.signal.aborted) return false;
    const job = await next(row);
    if (!job) return false;
    const outcome = await send(row, job.event, stopping.signal);
    if (stopping.signal.aborted && !outcome.isDelivered) return false; // it was we who hung up
    await record(row, job, outcome);
    return true;
  }

  /** A slot for each try, and not for all of them: many slow ones take turns. */
  async function run({ host, id }: WebhookRow): Promise<void> {
    try {
      while (await slots.execute(() => step(host, id)));
    } catch (error) {
      log.error("A webhook could not be served", { host, webhook: id, error });
    }
    lanes.delete(id);
  }

  return {
    async deliverAll() {
      const [version, now] = [database.version(), clock()];
      if (stopping.signal.aborted || (version === seen && Math.abs(now - lookedAt) < lookEvery)) return;
      [seen, lookedAt] = [version, now];
      for (const row of await listDue(database.db, clock())) {
        if (!lanes.has(row.id)) lanes.set(row.id, run(row));
      }
    },

    async sweep() {
      for (const [id, { row, to }] of passed) {
        passed.delete(id);
        await database.write((db) => moveOn(db, row, to));
      }
      const now = clock();
      const last = await lastEventBefore(database.db, now - retention);
      const latest = now - Math.max(retention, longest);
      let after: number | undefined = 0;
      await inPieces(async () => {
        const from = after!;
        after = await database.write((db) => deleteEvents(db, { after: from, last, latest }, sweptAtOnce));
        return after !== undefined;
      });
    },

    stop: () => stopping.abort(),

    async settled() {
      while (lanes.size > 0) await Promise.all(lanes.values());
    },
  };
}
