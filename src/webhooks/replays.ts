import { type Actor, requireScope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import {
  type AttemptRow,
  findDelivery,
  listAttempts,
  type ListedRow,
  listEvents,
  listInState,
  putDelivery,
} from "./delivery_store.ts";
import { findEventByUid, lastEventBefore } from "./event_store.ts";
import { findWebhook, updateWebhook, type WebhookRow } from "./store.ts";
import type { Attempt, Delivery, DeliveryState } from "./webhook.ts";

/** What was sent to a webhook, and what is to be sent again. Each call needs the scope `webhooks:admin`. */
export interface Replays {
  /** Newest first. @throws Problem `not-found`, `invalid` */
  list(
    actor: Actor,
    id: string,
    options: { state?: DeliveryState | undefined; after?: string | undefined; limit: number },
  ): Promise<{ deliveries: Delivery[]; next?: string }>;
  /**
   * Has an event sent again, or, of those that the webhook wants, all since a time (ms since 1970), in their order.
   * Receivers know them by their ids.
   * @throws Problem `not-found`, `conflict` if it is switched off
   */
  replay(
    actor: Actor,
    id: string,
    what: { readonly event: string } | { readonly since: number },
  ): Promise<void>;
}

const window = 1_000; // rows looked at for one page
const attemptsShown = 20;

export function createReplays(
  { database, hosts, clock }: { database: Database; hosts: Hosts; clock: Clock },
): Replays {
  async function find(actor: Actor, id: string): Promise<WebhookRow> {
    requireScope(actor, "webhooks:admin");
    const row = await findWebhook(database.db, hosts.byDomain(actor.host).domain, id);
    if (row) return row;
    throw new Problem("not-found", "There is no webhook with this ID on this host. List them to see all.");
  }

  /** Whether it waits for its first try, or for another one from the beginning. */
  const isPending = (row: WebhookRow, { id, type, state }: ListedRow, types: readonly string[]) =>
    id > row.position && state !== "retrying" && (types[0] === "*" || types.includes(type));

  return {
    async list(actor, id, { state, after, limit }) {
      const row = await find(actor, id);
      if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) {
        throw new Problem(
          "invalid",
          "This is not where a page begins: use the address that a page gave as next.",
        );
      }
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      const place = { host: row.host, id, before };
      const types: string[] = JSON.parse(row.events);
      const isTried = state !== undefined && state !== "pending";
      const rows = isTried
        ? await listInState(database.db, { ...place, state, limit: limit + 1 })
        : await listEvents(database.db, {
          ...{ ...place, limit: window, after: state === "pending" ? row.position : 0 },
        });
      const fitting = isTried
        ? rows
        : rows.filter((one) => isPending(row, one, types) || (state === undefined && one.state !== null));
      const page = fitting.slice(0, limit);
      const last = fitting.length > limit ? page.at(-1) : rows.length === window ? rows.at(-1) : undefined;
      const attempts = await listAttempts(database.db, id, page.map((one) => one.id));
      return {
        deliveries: page.map((one) =>
          toDelivery(one, isPending(row, one, types), attempts.filter(({ event_id }) => event_id === one.id))
        ),
        ...(last && { next: String(last.id) }),
      };
    },

    async replay(actor, id, what) {
      const { host } = await find(actor, id);
      await database.write(async (db) => {
        const row = await findWebhook(db, host, id);
        if (row && row.disabled !== null) {
          throw new Problem("conflict", "This webhook is switched off. Switch it on first.");
        }
        if (!row) return;
        if ("since" in what) {
          const position = Math.min(row.position, await lastEventBefore(db, what.since));
          return await updateWebhook(db, host, id, { position, paused_until: 0 });
        }
        const event = await findEventByUid(db, host, what.event);
        if (!event) throw new Problem("not-found", "There is no such event, or not any more.");
        const before = await findDelivery(db, id, event.id);
        if (event.id > row.position && !before) return; // it is still to come
        await putDelivery(db, {
          ...{ event_id: event.id, webhook_id: id, state: "retrying", attempts: 0, next_at: clock() },
        });
        await updateWebhook(db, host, id, { paused_until: 0 });
      });
    },
  };
}

function toDelivery(row: ListedRow, isPending: boolean, attempts: readonly AttemptRow[]): Delivery {
  return {
    event: row.uid,
    type: row.type,
    state: isPending ? "pending" : row.state ?? "pending",
    created_at: row.created_at,
    ...(row.next_at !== null && { next_at: row.next_at }),
    tries: row.tries ?? 0,
    attempts: attempts.slice(0, attemptsShown).map((attempt): Attempt => ({
      at: attempt.created_at,
      ...(attempt.status !== null && { status: attempt.status }),
      ...(attempt.error !== null && { error: attempt.error }),
      ...(attempt.answer !== null && { answer: attempt.answer }),
      took: attempt.took,
    })),
  };
}
