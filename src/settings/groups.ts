import { ofHost, setting, whole } from "./types.ts";

/** Groups. */
export const groupSettings = {
  "groups.max_members": ofHost(setting({
    type: whole(1_000),
    default: 500,
    meaning: "The most members of one group: each has all the others in the roster.",
  })),
  "groups.max_groups": ofHost(setting({
    type: whole(100_000),
    default: 1_000,
    meaning: "The most groups of one host.",
  })),
} as const;
