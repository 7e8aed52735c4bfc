import { duration, flag, ofHost, setting, whole } from "./types.ts";

/** Invites made many at once, and people who ask for one. */
export const campaignSettings = {
  "campaigns.max_count": setting({
    type: whole(1_000_000),
    default: 10_000,
    meaning: "The most invites that one request may make. The command line may make a million at once.",
  }),
  "campaigns.join_requests": ofHost(setting({
    type: flag,
    default: false,
    meaning: "Whether strangers may ask for an invite, at `/join`.",
  })),
  "campaigns.max_join_requests": ofHost(setting({
    type: whole(100_000),
    default: 500,
    meaning: "How many such requests may wait for an answer; while there are as many, nobody else can ask.",
  })),
  "campaigns.request_retention": setting({
    type: duration,
    default: "30d",
    meaning: "How long a request is kept, answered or not, before it is deleted.",
  }),
} as const;
