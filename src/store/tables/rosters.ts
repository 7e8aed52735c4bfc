import type { Generated } from "kysely";

/** Rosters, and who is still to be told of them. */
export interface RosterTables {
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
  roster_untold: Omit<RosterTables["roster_push"], "change">;
}
