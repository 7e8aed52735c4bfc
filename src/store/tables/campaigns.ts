import type { Generated } from "kysely";

/** Invites that are made many at once, and requests for one. */
export interface CampaignTables {
  /** Invites that were made at once. */
  campaign: {
    id: Generated<number>;
    /** what it is called outside */
    ref: string;
    host: string;
    label: string | null;
    source: string;
    /** JSON: the columns that all of its invites have in common */
    invite: string;
    /** how many were asked for, and how many of them there are */
    count: number;
    made: Generated<number>;
    idempotency_key: string | null;
    request_hash: string;
    created_at: number;
    revoked_at: number | null;
  };
  invite_template: {
    host: string;
    name: string;
    /** JSON, see templates.ts */
    request: string;
    source: string;
    changed_at: number;
  };
  /** Somebody who would like to have an account. */
  join_request: {
    id: Generated<number>;
    host: string;
    /** of the address where the asker looks; see tokenKey in core/token.ts */
    token_key: string;
    state: "waiting" | "approved" | "declined";
    name: string;
    /** the one that the asker would like */
    username: string | null;
    /** how the asker can be reached, in the asker's words */
    reach: string | null;
    message: string | null;
    /** why it was declined */
    reason: string | null;
    invite_id: number | null;
    decided_by: string | null;
    created_at: number;
    decided_at: number | null;
  };
}
