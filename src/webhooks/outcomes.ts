import { getLogger } from "@logtape/logtape";
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/token.ts";
import type { Database, Db } from "../store/database.ts";
import type { Outcome } from "./attempt.ts";
import { type DeliveryRow, hurryRetries, insertAttempt, putDelivery } from "./delivery_store.ts";
import { isAboutEvent, pauseAfter, retryAfter } from "./schedule.ts";
import { findWebhook, moveOn, updateWebhook, type WebhookRow } from "./store.ts";

/** Writes down what came of a try, and what follows from it for the event and for the webhook. */
export type Record = (
  row: WebhookRow,
  job: { readonly event: { readonly id: number }; readonly before?: DeliveryRow },
  outcome: Outcome,
) => Promise<void>;

const log = getLogger(["couplet", "webhooks"]);
const longestWish = 3_600_000; // ms that a receiver may ask to be left alone
const wasDown = 3; // failures in a row after which a success means that it is back

export const createOutcomes = (
  { database, clock, random, disableAfter }: {
    database: Database;
    clock: Clock;
    random: Random;
    disableAfter: number;
  },
): Record =>
async (row, { event, before }, outcome) => {
  const now = clock();
  const { isDelivered, status, error, answer, took } = outcome;
  const attempts = (before?.state === "retrying" ? before.attempts : 0) + 1;
  const wait = isDelivered ? undefined : retryAfter(attempts, random);
  const state = isDelivered ? "delivered" : wait === undefined ? "failed" : "retrying";
  const names = { event_id: event.id, webhook_id: row.id };
  const disabled = await database.write(async (db) => {
    const next_at = wait === undefined ? null : now + wait;
    if (!await putDelivery(db, { ...names, state, attempts, next_at })) return undefined; // one of them is deleted
    await insertAttempt(db, {
      ...{ ...names, status: status ?? null, error: error ?? null, answer: answer ?? null, took },
      created_at: now,
    });
    if (event.id > row.position) await moveOn(db, row, event.id);
    const current = await findWebhook(db, row.host, row.id);
    return current && (isDelivered ? await succeeded(db, current) : await failed(db, current));
  });
  if (disabled !== undefined) {
    log.warn("A webhook was switched off: {reason}", { host: row.host, webhook: row.id, reason: disabled });
  }

  async function succeeded(db: Db, { host, id, failures, failing_since }: WebhookRow): Promise<undefined> {
    if (failing_since === null) return;
    await updateWebhook(db, host, id, { failures: 0, failing_since: null, paused_until: 0 });
    if (failures >= wasDown) await hurryRetries(db, id, now);
  }

  /** @returns why it is switched off, if it is */
  async function failed(db: Db, current: WebhookRow): Promise<string | undefined> {
    const { host, id, failures, failing_since, version } = current;
    const since = failing_since ?? now;
    const why = status === 410
      ? "It answered 410 Gone."
      : now - since > disableAfter
      ? `It has failed since ${new Date(since).toISOString()}. The last time: ${error}`
      : undefined;
    const pause = isAboutEvent(status)
      ? {}
      : { failures: failures + 1, paused_until: now + pauseOf(failures + 1) };
    const off = why !== undefined && current.disabled === null;
    await updateWebhook(db, host, id, {
      ...{ failing_since: since, ...pause },
      ...(off && { disabled: why, version: version + 1 }),
    });
    return off ? why : undefined;
  }

  function pauseOf(failures: number): number {
    return Math.max(pauseAfter(failures, random), Math.min(outcome.retryAfter ?? 0, longestWish));
  }
};
