import type { Generated } from "kysely";

/** Times are milliseconds since 1970, hashes SHA-256 in base64url. See migrations/ for the constraints. */
export interface Tables {
  api_key: {
    id: string;
    host: string;
    name: string | null;
    secret_hash: string;
    /** JSON array of scopes */
    scopes: string;
    /** JSON object, see Limits in core/actor.ts */
    limits: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
  invite: {
    id: Generated<number>;
    host: string;
    /** see tokenKey in core/token.ts */
    token_key: string;
    /** the token under the key outside of the database */
    token_sealed: string;
    type: "account" | "contact" | "reset";
    /** the one that an account or a reset is for, or the contact's own */
    username: string | null;
    /** whether a contact invite may also register an account: 0 or 1 */
    register: number;
    state: "pending" | "used" | "revoked";
    uses: number;
    /** null: without limit */
    max_uses: number | null;
    source: string;
    /** JSON: roles, groups, note, and what Prosody's modules put beside them */
    details: string;
    created_at: number;
    /** `never` of invites/invite.ts: it does not expire */
    expires_at: number;
    /** 1: it cannot be used until it is resumed */
    paused: Generated<number>;
    /** the bare JID, or the domain, that alone may accept a contact invite */
    for_jid: string | null;
    /** when it was used up or withdrawn; null while it is pending, expired or not */
    ended_at: Generated<number | null>;
    /** of those made many at once */
    campaign_id: Generated<number | null>;
  };
  /** What an Idempotency-Key of a key's holder has made. */
  idempotency: {
    host: string;
    source: string;
    idempotency_key: string;
    request_hash: string;
    invite_id: number;
    created_at: number;
  };
  redemption: {
    id: Generated<number>;
    invite_id: number;
    host: string;
    /** bare JID of who redeems */
    jid: string;
    /** the attempt's own id, chosen by who asks */
    claim: string;
    /** null once the use is counted; until then the hold ends at this time */
    held_until: number | null;
    /** 1: makes an account of that JID; 0: resets its password, or adds it as a contact */
    registers: number;
    created_at: number;
    /** 1: the inviter was told, though Prosody had not said that it was used */
    told: Generated<number>;
  };
  roster: {
    id: Generated<number>;
    host: string;
    username: string;
    /** Grows with every change; equal versions mean equal rosters. */
    version: Generated<number>;
    /** JSON: JID of who asks for a subscription → `true`, or the stanza as XML */
    pending: Generated<string>;
    /** of the web app's last answer, where that decides */
    etag: string | null;
    /** when the web app was last heard */
    fetched_at: number | null;
  };
  roster_item: {
    roster_id: number;
    jid: string;
    name: string | null;
    subscription: "none" | "to" | "from" | "both";
    /** 1: we have asked for a subscription and wait (RFC 6121, 3.1.2) */
    ask: number;
    /** 1: a subscription is granted before it is asked for (RFC 6121, 3.4) */
    approved: number;
    /** JSON array */
    groups: string;
    /** what it was before a group made more of it; null: it is what others have made it */
    given: "absent" | "none" | "to" | "from" | "both" | null;
  };
  roster_push: {
    id: Generated<number>;
    host: string;
    username: string;
    /** JSON, see RosterPush in prosody/prosody.ts */
    change: string;
    created_at: number;
  };
  /** People of one host who all know each other. */
  user_group: {
    key: Generated<number>;
    host: string;
    /** Once it has ended, one that nobody can ask for. */
    id: string;
    /** The roster group that its members see each other in. */
    name: string;
    /** Grows with every change of name or members. */
    version: Generated<number>;
    /** 1: deleted, and kept until it is out of all rosters */
    ended: Generated<number>;
    created_at: number;
  };
  user_group_member: {
    group_key: number;
    host: string;
    username: string;
    joined_at: number;
    /** the name that the group has in this member's roster; null: it is not there yet, or no longer */
    label: string | null;
    /** 0: this member's roster is still to be made what the group says */
    settled: Generated<number>;
  };
  roster_untold: Omit<Tables["roster_push"], "change">;
  data_version: {
    id: Generated<number>;
    host: string;
    username: string;
    store: string;
    /** what was there, under the key outside of the database; null: nothing */
    sealed: string | null;
    /** of what was there, characters */
    size: number;
    /** who replaced it */
    source: string;
    created_at: number;
  };
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
  /** Who has joined by an invite, or has invited somebody who has: the tree of who invited whom. */
  person: {
    id: Generated<number>;
    host: string;
    /** null: erased */
    username: string | null;
    /** who has invited, if that is an account of this host; always an older row */
    parent_id: number | null;
    /** who has invited, if it is somebody else: `api/token/ID`, `cli`, a JID of another host */
    source: string | null;
    /** id of the invite */
    invite: string | null;
    /** when they have joined, or, of who was not invited here, when they were first heard of */
    created_at: number;
    /** since when nothing that they, or anybody below, invite to can be used; null: it can */
    frozen_at: number | null;
    /** `cli`, `api/token/ID` or `velocity` */
    frozen_by: string | null;
  };
  /** How many invites somebody who has a quota has made in the period that began then. */
  quota_use: { host: string; source: string; made: number; began_at: number };
  velocity_alarm: {
    id: Generated<number>;
    host: string;
    /** whose invites were used too quickly; null: it is about one invite */
    person_id: number | null;
    invite_id: number | null;
    redemptions: number;
    action: "report" | "pause";
    created_at: number;
    last_at: number;
  };
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
