import { duration, durationOrNever, flag, names, ofHost, setting, whole } from "./types.ts";

/** Invites. */
export const inviteSettings = {
  "invites.ttl": setting({
    type: duration,
    default: "7d",
    meaning: "How long an invite lives if nobody says otherwise.",
  }),
  "invites.reset_ttl": setting({ type: duration, default: "1d", meaning: "The same for password resets." }),
  "invites.max_ttl": setting({
    type: durationOrNever,
    default: "never",
    meaning:
      "The longest life that an invite may be given; `never`: it need not expire. Password resets live for 366 days at most.",
  }),
  "invites.registration_invite_only": ofHost(setting({
    type: flag,
    default: true,
    meaning:
      "Whether an account is made with an invite only. Prosody has a setting of the same name: registration is open where both are `false`.",
  })),
  "invites.allow_contact_invites": ofHost(setting({
    type: flag,
    default: true,
    meaning: "Whether users may invite others to be their contacts, by ad-hoc command.",
  })),
  "invites.allow_user_invites": ofHost(setting({
    type: flag,
    default: false,
    meaning: "Whether users may invite others to make accounts; their contact invites do so then as well.",
  })),
  "invites.user_ttl": ofHost(setting({
    type: durationOrNever,
    default: "7d",
    meaning: "How long invites by users who are not admins live at most.",
  })),
  "invites.user_uses": ofHost(setting({
    type: whole(1_000_000),
    default: 1,
    meaning: "How often one of them can be used at most.",
  })),
  "invites.user_roles": ofHost(setting({
    type: names,
    default: [],
    meaning: "Prosody's roles that one of them may carry.",
  })),
  "invites.user_groups": ofHost(setting({
    type: names,
    default: [],
    meaning: "Groups that one of them may carry.",
  })),
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
