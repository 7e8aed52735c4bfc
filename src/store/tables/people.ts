import type { Generated } from "kysely";

/** Who has invited whom. */
export interface PeopleTables {
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
}
