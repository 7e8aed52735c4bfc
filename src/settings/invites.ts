import { duration, setting } from "./types.ts";

/** Invites. */
export const inviteSettings = {
  "invites.ttl": setting({
    type: duration,
    default: "7d",
    meaning: "How long an invite lives if nobody says otherwise.",
  }),
  "invites.reset_ttl": setting({ type: duration, default: "1d", meaning: "The same for password resets." }),
  "invites.max_ttl": setting({
    type: duration,
    default: "366d",
    meaning: "The longest life that an invite may be given.",
  }),
  "invites.lease": setting({
    type: duration,
    default: "60s",
    meaning: "How long a use stays held for a registration that has begun and not ended.",
  }),
  "invites.retention": setting({
    type: duration,
    default: "30d",
    meaning: "How long used, expired and revoked invites can still be looked up before they are deleted.",
  }),
} as const;
