import { type Actor, requireScope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { createGate } from "../core/gate.ts";
import { Problem } from "../core/problem.ts";
import { type Random, randomId, type Vault } from "../core/token.ts";
import { inPieces } from "../core/turn.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Guarded } from "../outbound/guarded.ts";
import type { Database } from "../store/database.ts";
import type { Outcome, Send } from "./attempt.ts";
import { deleteDeliveries } from "./delivery_store.ts";
import { closeEvents, lastEvent } from "./event_store.ts";
import type { Events } from "./events.ts";
import { checkDescription, checkEvents, checkUrl, type WebhookRequest } from "./request.ts";
import { makeWebhookSecret, secretContext } from "./signing.ts";
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  updateWebhook,
  type WebhookChange,
  type WebhookRow,
} from "./store.ts";
import { type NewWebhook, switchedOff, type Webhook, webhookFromRow } from "./webhook.ts";

/** What the webhook rules work with. */
export interface WebhookNeeds {
  readonly database: Database;
  readonly hosts: Hosts;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly guarded: Guarded;
  readonly events: Events;
  readonly send: Send;
  /** The most of one host. */
  readonly max: number;
}

/** What is to become of a webhook; what is not named stays. */
export type WebhookPatch = { [K in keyof WebhookRequest]?: WebhookRequest[K] | undefined } & {
  readonly enabled?: boolean | undefined;
};

/** The webhooks of a host. Each call needs the scope `webhooks:admin`. */
export interface Webhooks {
  /** @throws Problem `not-allowed`, `invalid`, `conflict` */
  create(actor: Actor, request: WebhookRequest): Promise<NewWebhook>;
  list(actor: Actor): Promise<Webhook[]>;
  /** @throws Problem `not-found` */
  show(actor: Actor, id: string): Promise<Webhook>;
  /**
   * What waits for one that was switched off is sent when it is switched on.
   * @param ifMatch versions, or `*` @throws Problem `not-found`, `invalid`, `precondition-failed`
   */
  change(actor: Actor, id: string, patch: WebhookPatch, ifMatch?: readonly string[]): Promise<Webhook>;
  /** @throws Problem `not-found`, `precondition-failed` */
  delete(actor: Actor, id: string, ifMatch?: readonly string[]): Promise<void>;
  /** A new secret; for a day the old one signs as well. @throws Problem `not-found` */
  rotate(actor: Actor, id: string): Promise<NewWebhook>;
  /** Sends an event of type `webhook.test` at once, once. @throws Problem `not-found` */
  test(actor: Actor, id: string): Promise<Outcome & { readonly event: string }>;
}

const overlap = 86_400_000; // ms

export function createWebhooks(needs: WebhookNeeds): Webhooks {
  const { database, hosts, vault, clock, random, guarded, events, send, max } = needs;
  const tests = createGate({ atATime: 4, waiting: 4, patience: 5_000 });

  function hostOf(actor: Actor): string {
    requireScope(actor, "webhooks:admin");
    return hosts.byDomain(actor.host).domain;
  }

  async function find(host: string, id: string, db = database.db): Promise<WebhookRow> {
    const row = await findWebhook(db, host, id);
    if (row) return row;
    throw new Problem("not-found", "There is no webhook with this ID on this host. List them to see all.");
  }

  /** @returns it, as it is then */
  async function write(
    host: string,
    id: string,
    ifMatch: readonly string[] | undefined,
    change: (row: WebhookRow) => WebhookChange,
  ): Promise<WebhookRow> {
    const changed = await database.write(async (db) => {
      const row = await find(host, id, db);
      requireMatch(row, ifMatch);
      const next = { ...change(row), version: row.version + 1 };
      await updateWebhook(db, host, id, next);
      if (next.events !== undefined) await closeEvents(db, host);
      return { ...row, ...next };
    });
    events.forget();
    return changed;
  }

  return {
    async create(actor, { url, events: types, description }) {
      const host = hostOf(actor);
      const checked = {
        events: checkEvents(types),
        description: description === undefined ? null : checkDescription(description),
        url: await checkUrl(url, guarded),
      };
      const id = `wh_${randomId(random, 9)}`;
      const secret = makeWebhookSecret(random);
      const now = clock();
      const made: Omit<WebhookRow, "position"> = {
        ...{ id, host, ...checked, events_since: now, created_at: now, version: 1 },
        secret_sealed: vault.seal(secret, secretContext({ host, id })),
        ...{ old_secret_sealed: null, old_secret_until: null, disabled: null },
        ...{ failures: 0, failing_since: null, paused_until: 0 },
      };
      const row = await database.write(async (db) => {
        if (await countWebhooks(db, host) >= max) {
          throw new Problem("conflict", `A host has ${max} webhooks at most. Delete one that is not needed.`);
        }
        await closeEvents(db, host);
        const row = { ...made, position: await lastEvent(db) };
        await insertWebhook(db, row);
        return row;
      });
      events.forget();
      return { ...webhookFromRow(row, now), secret };
    },

    async list(actor) {
      return (await listWebhooks(database.db, hostOf(actor))).map((row) => webhookFromRow(row, clock()));
    },

    show: async (actor, id) => webhookFromRow(await find(hostOf(actor), id), clock()),

    async change(actor, id, { url, events: types, description, enabled }, ifMatch) {
      const host = hostOf(actor);
      const href = url === undefined ? undefined : await checkUrl(url, guarded);
      const row = await write(host, id, ifMatch, ({ disabled }) => ({
        ...(href !== undefined && { url: href }),
        ...(types !== undefined && { events: checkEvents(types), events_since: clock() }),
        ...(description !== undefined && { description: checkDescription(description) }),
        ...(enabled === false && disabled === null && { disabled: switchedOff }),
        ...(enabled && { disabled: null, failures: 0, failing_since: null, paused_until: 0 }),
      }));
      return webhookFromRow(row, clock());
    },

    async delete(actor, id, ifMatch) {
      const host = hostOf(actor);
      await write(host, id, ifMatch, () => ({ disabled: switchedOff }));
      await inPieces(async () => await database.write((db) => deleteDeliveries(db, id, 100)) === 100);
      await database.write((db) => deleteWebhook(db, host, id));
      events.forget();
    },

    async rotate(actor, id) {
      const secret = makeWebhookSecret(random);
      const row = await write(hostOf(actor), id, undefined, (row) => ({
        secret_sealed: vault.seal(secret, secretContext(row)),
        old_secret_sealed: row.secret_sealed,
        old_secret_until: clock() + overlap,
      }));
      return { ...webhookFromRow(row, clock()), secret };
    },

    async test(actor, id) {
      const host = hostOf(actor);
      const row = await find(host, id);
      const event = {
        ...{ uid: `evt_${randomId(random, 18)}`, type: "webhook.test", created_at: clock() },
        data: JSON.stringify({ host }),
      };
      return { event: event.uid, ...await tests.run(host, () => send(row, event)) };
    },
  };
}

function requireMatch({ version }: WebhookRow, ifMatch: readonly string[] | undefined): void {
  if (!ifMatch || ifMatch.some((tag) => tag === "*" || tag === String(version))) return;
  throw new Problem("precondition-failed", "The webhook was changed since you read it. Read it again.");
}
