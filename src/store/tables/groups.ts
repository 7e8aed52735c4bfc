import type { Generated } from "kysely";

/** Groups, and what they make of rosters. */
export interface GroupTables {
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
}
