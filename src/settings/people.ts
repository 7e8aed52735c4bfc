import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import { duration, flag, ofHost, optional, setting, whole } from "./types.ts";

const aQuota = 'expected a whole number from 1 to 1000000, or "none"';
const quota = z.union([whole(1_000_000), z.literal("none").transform(() => null)], { error: aQuota });

const aVelocity = 'expected a number and a time, such as "20/1h"';
const velocity = z.string(aVelocity).transform((text, context) => {
  const [, most = "", time = ""] = /^([1-9][0-9]{0,3})\/(.+)$/.exec(text) ?? [];
  const within = parseDuration(time);
  if (!within) context.addIssue(aVelocity);
  return within ? { most: Number(most), within } : z.NEVER;
});

/** Who invites whom, how much and how quickly, and what is kept of it. */
export const peopleSettings = {
  "invites.user_quota": ofHost(setting({
    type: quota,
    default: 20,
    meaning:
      'How many invites a user may make in a `user_quota_period`; `"none"`: as many as one likes. Admins have no quota.',
  })),
  "invites.user_quota_period": ofHost(setting({
    type: duration,
    default: "7d",
    meaning:
      "The time that the quota is for. It begins with the first invite after the one before has ended.",
  })),
  "invites.velocity": ofHost(optional({
    type: velocity,
    meaning:
      'When invites are used too quickly: `"20/1h"` is more than twenty accounts in an hour by the invites of one ' +
      "user, or more than twenty uses of one invite. Without it, never.",
  })),
  "invites.velocity_action": ofHost(setting({
    type: z.enum(["report", "pause"], { error: "expected report or pause" }),
    default: "report",
    meaning:
      "What is done then. `report`: it is logged, and listed by `couplet people alarms`. `pause`: the user and everybody " +
      "below is frozen as well, or the invite paused.",
  })),
  "invites.tell_inviter": ofHost(setting({
    type: flag,
    default: true,
    meaning: "Whether users get a message from the host when somebody has used their invite.",
  })),
  "people.retention": ofHost(setting({
    type: duration,
    default: "365d",
    meaning: "How long it is kept who has invited whom.",
  })),
} as const;
