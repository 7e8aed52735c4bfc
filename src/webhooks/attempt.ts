import type { Clock } from "../core/clock.ts";
import type { Vault } from "../core/token.ts";
import type { Guarded } from "../outbound/guarded.ts";
import { OutboundError } from "../outbound/outbound_error.ts";
import { sign } from "./signing.ts";
import type { WebhookRow } from "./store.ts";

/** What came of one try. */
export interface Outcome {
  readonly isDelivered: boolean;
  /** Absent: there was no answer. */
  readonly status?: number;
  /** For people; absent when it was delivered. */
  readonly error?: string;
  /** The beginning of what was answered. */
  readonly answer?: string;
  /** How long the receiver asks to be left alone, ms. */
  readonly retryAfter?: number;
  /** ms */
  readonly took: number;
}

/** Sends one event once. Never throws. */
export type Send = (
  row: WebhookRow,
  event: { readonly uid: string; readonly type: string; readonly data: string; readonly created_at: number },
  signal?: AbortSignal,
) => Promise<Outcome>;

export const createSend = (
  { guarded, vault, clock, timeout }: { guarded: Guarded; vault: Vault; clock: Clock; timeout: number },
): Send =>
async (row, event, signal) => {
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  const signed = await sign(row, event, vault, clock()).catch(() => undefined);
  if (!signed) {
    const error =
      "Its secret cannot be read: is secret.key the one that belongs to this database? Or rotate it.";
    return { isDelivered: false, error, took: took() };
  }
  try {
    const request = { ...signed, timeout, ...(signal && { signal }) };
    const { status, text, retryAfter } = await guarded.post(new URL(row.url), request);
    const answer = text.replace(/\p{Cc}+/gu, " ").trim();
    const isDelivered = status >= 200 && status < 300;
    return {
      ...{ isDelivered, status, took: took() },
      ...(!isDelivered && { error: reasonFor(status) }),
      ...(answer !== "" && { answer }),
      ...(retryAfter !== undefined && { retryAfter }),
    };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return { isDelivered: false, error: error.message, took: took() };
  }
};

const reasonFor = (status: number) =>
  status >= 300 && status < 400
    ? `It redirects (${status}), which is not followed.`
    : `It answered with status ${status}.`;
