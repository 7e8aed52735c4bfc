import { campaignSettings } from "./settings/campaigns.ts";
import { daemonSettings } from "./settings/daemon.ts";
import { dataSettings } from "./settings/data.ts";
import { groupSettings } from "./settings/groups.ts";
import { inviteSettings } from "./settings/invites.ts";
import { pageSettings } from "./settings/pages.ts";
import { peopleSettings } from "./settings/people.ts";
import { registrationSettings } from "./settings/registration.ts";
import { rosterSettings } from "./settings/rosters.ts";
import type { Setting } from "./settings/types.ts";
import { webhookSettings } from "./settings/webhooks.ts";

/** Every setting there is, by its dotted name in the TOML file. */
export const settings = {
  ...daemonSettings,
  ...inviteSettings,
  ...registrationSettings,
  ...pageSettings,
  ...peopleSettings,
  ...rosterSettings,
  ...groupSettings,
  ...dataSettings,
  ...webhookSettings,
  ...campaignSettings,
} as const;

/** Every environment variable that is read; COUPLET_CONFIG names the TOML file, as `--config` does. */
export const environment: readonly string[] = [
  "COUPLET_CONFIG",
  "COUPLET_HOSTS",
  "STATE_DIRECTORY",
  ...Object.values<Setting>(settings).flatMap(({ env }) => env ?? []),
];
