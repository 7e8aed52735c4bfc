import { daemonSettings } from "./settings/daemon.ts";
import { dataSettings } from "./settings/data.ts";
import { groupSettings } from "./settings/groups.ts";
import { inviteSettings } from "./settings/invites.ts";
import { rosterSettings } from "./settings/rosters.ts";
import type { Setting } from "./settings/types.ts";

/** Every setting there is, by its dotted name in the TOML file. */
export const settings = {
  ...daemonSettings,
  ...inviteSettings,
  ...rosterSettings,
  ...groupSettings,
  ...dataSettings,
} as const;

/** Every environment variable that is read; COUPLET_CONFIG names the TOML file, as `--config` does. */
export const environment: readonly string[] = [
  "COUPLET_CONFIG",
  "COUPLET_HOSTS",
  "STATE_DIRECTORY",
  ...Object.values<Setting>(settings).flatMap(({ env }) => env ?? []),
];
