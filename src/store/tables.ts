import type { Generated } from "kysely";
import type { CampaignTables } from "./tables/campaigns.ts";
import type { GroupTables } from "./tables/groups.ts";
import type { InviteTables } from "./tables/invites.ts";
import type { PeopleTables } from "./tables/people.ts";
import type { RosterTables } from "./tables/rosters.ts";
import type { WebhookTables } from "./tables/webhooks.ts";

/** Times are milliseconds since 1970, hashes SHA-256 in base64url. See migrations/ for the constraints. */
export interface Tables
  extends CampaignTables, GroupTables, InviteTables, PeopleTables, RosterTables, WebhookTables {
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
