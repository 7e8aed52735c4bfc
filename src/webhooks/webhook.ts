import type { WebhookRow } from "./store.ts";

/** A webhook as those who may administer it see it. Times are milliseconds since 1970. */
export interface Webhook {
  readonly id: string;
  readonly host: string;
  readonly url: string;
  readonly description?: string;
  /** Types, or `*` alone. */
  readonly events: readonly string[];
  readonly enabled: boolean;
  /** Why it is not, if it was not switched off by somebody. */
  readonly disabled_reason?: string;
  /** Since when nothing has reached it. */
  readonly failing_since?: number;
  /** Until when the secret before the last signs as well. */
  readonly old_secret_until?: number;
  readonly created_at: number;
  /** Grows with every change. */
  readonly version: number;
}

/** With its secret, at the one moment that it is shown. */
export interface NewWebhook extends Webhook {
  readonly secret: string;
}

export const switchedOff = "switched off";

export function webhookFromRow(row: WebhookRow, now: number): Webhook {
  const { id, host, url, created_at, version, disabled, failing_since, old_secret_until } = row;
  return {
    ...{ id, host, url },
    ...(row.description !== null && { description: row.description }),
    events: JSON.parse(row.events),
    enabled: disabled === null,
    ...(disabled !== null && disabled !== switchedOff && { disabled_reason: disabled }),
    ...(failing_since !== null && { failing_since }),
    ...(old_secret_until !== null && old_secret_until > now && { old_secret_until }),
    ...{ created_at, version },
  };
}

const time = (value: number) => new Date(value).toISOString();

/** The shape that HTTP and `--json` show. */
export function webhookJson(
  { version: _, created_at, failing_since, old_secret_until, ...rest }: Webhook | NewWebhook,
): Record<string, unknown> {
  return {
    ...rest,
    ...(failing_since !== undefined && { failing_since: time(failing_since) }),
    ...(old_secret_until !== undefined && { old_secret_until: time(old_secret_until) }),
    created_at: time(created_at),
  };
}

export const deliveryStates = ["pending", "retrying", "delivered", "failed"] as const;
export type DeliveryState = typeof deliveryStates[number];

/** What has become of one event for one webhook. */
export interface Delivery {
  /** The event's, which receivers see as `webhook-id`. */
  readonly event: string;
  readonly type: string;
  readonly state: DeliveryState;
  /** When it happened. */
  readonly created_at: number;
  /** When it is tried again. */
  readonly next_at?: number;
  /** How often it was tried. */
  readonly tries: number;
  /** The last of them, newest first. */
  readonly attempts: readonly Attempt[];
}

/** One try. */
export interface Attempt {
  readonly at: number;
  /** Absent: there was no answer. */
  readonly status?: number;
  readonly error?: string;
  /** The beginning of what was answered. */
  readonly answer?: string;
  /** ms */
  readonly took: number;
}

/** The shape that HTTP and `--json` show. */
export const deliveryJson = ({ created_at, next_at, attempts, ...rest }: Delivery) => ({
  ...rest,
  created_at: time(created_at),
  ...(next_at !== undefined && { next_at: time(next_at) }),
  attempts: attempts.map(({ at, ...attempt }) => ({ at: time(at), ...attempt })),
});
