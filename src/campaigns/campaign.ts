import type { InviteState } from "../invites/invite.ts";
import type { CampaignRow } from "./store.ts";

/** Invites that were made at once. Times are milliseconds since 1970. */
export interface Campaign {
  readonly id: string;
  readonly host: string;
  readonly label?: string;
  /** Who made it: `api/token/KEY_ID`, or `cli`. */
  readonly source: string;
  /** How many invites were asked for. */
  readonly count: number;
  /** How many of them there are: fewer while they are being made, or after that was interrupted. */
  readonly made: number;
  readonly created_at: number;
  /** When what was pending was revoked. */
  readonly revoked_at?: number;
}

/** A campaign, and what has become of its invites. */
export interface CountedCampaign extends Campaign {
  readonly invites: Readonly<Record<InviteState, number>>;
  /** How often its invites were used, together. */
  readonly uses: number;
}

/** An outward id: 12 characters of base64url. */
export const isCampaignId = (text: string): boolean => /^[\w-]{12}$/.test(text);

export function campaignFromRow(row: CampaignRow): Campaign {
  return {
    id: row.ref,
    host: row.host,
    ...(row.label !== null && { label: row.label }),
    source: row.source,
    count: row.count,
    made: row.made,
    created_at: row.created_at,
    ...(row.revoked_at !== null && { revoked_at: row.revoked_at }),
  };
}

/** The shape that HTTP and `--json` show: times as RFC 3339 in UTC. */
export function campaignJson<T extends Campaign>({ created_at, revoked_at, ...rest }: T) {
  return {
    ...rest,
    created_at: new Date(created_at).toISOString(),
    ...(revoked_at !== undefined && { revoked_at: new Date(revoked_at).toISOString() }),
  };
}
