import type { Generated } from "kysely";

/** Webhooks and their outbox. */
export interface WebhookTables {
  webhook: {
    id: string;
    host: string;
    url: string;
    description: string | null;
    /** JSON array of types, or of `*` alone */
    events: string;
    /** when those were last set */
    events_since: number;
    /** under the key outside of the database, as the next */
    secret_sealed: string;
    /** signs as well, until `old_secret_until` */
    old_secret_sealed: string | null;
    old_secret_until: number | null;
    /** grows with every change by somebody who may */
    version: Generated<number>;
    /** the last event that it was tried with for the first time */
    position: number;
    /** in a row */
    failures: Generated<number>;
    failing_since: number | null;
    /** nothing is sent before */
    paused_until: Generated<number>;
    /** why nothing is sent any more; null: it is */
    disabled: string | null;
    created_at: number;
  };
  webhook_event: {
    id: Generated<number>;
    /** what receivers know it by */
    uid: string;
    host: string;
    type: string;
    /** whom it is about, while another event about the same can still be put into it */
    subject: string | null;
    /** JSON */
    data: string;
    created_at: number;
  };
  webhook_delivery: {
    event_id: number;
    webhook_id: string;
    state: "retrying" | "delivered" | "failed";
    attempts: number;
    next_at: number | null;
  };
  webhook_attempt: {
    id: Generated<number>;
    event_id: number;
    webhook_id: string;
    /** null: there was no answer */
    status: number | null;
    error: string | null;
    /** the beginning of the answer */
    answer: string | null;
    /** ms */
    took: number;
    created_at: number;
  };
  invite_expiry: {
    /** invites that ended until then have been told of: the last one's end */
    told_until: number;
    /** and its id */
    told_id: number;
  };
}
