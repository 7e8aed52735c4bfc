import type { Generated } from "kysely";

/** Invites, and who has used them. */
export interface InviteTables {
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
}
