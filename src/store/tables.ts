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
}
