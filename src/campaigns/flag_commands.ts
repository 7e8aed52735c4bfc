import { countOrUnlimited, on, timeOrNever, value, values } from "../cli/command.ts";
import type { InviteRequest } from "./templates.ts";

/** What an invite may be asked for with, on the command line. */
export interface InviteFlags {
  readonly contact?: string;
  readonly register?: boolean;
  readonly for?: string;
  readonly ttl?: number;
  readonly uses?: number | null;
  readonly group?: string[];
  readonly role?: string[];
  readonly note?: string;
}

export const inviteFlags = {
  contact: value("For becoming a contact of this user", "USER", String),
  register: on("With --contact: may make an account as well"),
  for: value("With --contact: only this JID, or a user of this domain, may accept", "JID", String),
  ttl: timeOrNever('How long it lives, such as 12h or 7d, or "never"'),
  uses: countOrUnlimited('How often it can be used (default: 1), or "unlimited"'),
  group: values("A group to join; may be repeated", "GROUP"),
  role: values("A role to get; may be repeated", "ROLE"),
  note: value("A note for yourself", "TEXT", String),
} as const;

export const template = value("A template that fills in what is not given here", "NAME", String);

/** Without members that are not given: a template is made of the rest. */
export function requestOf(flags: InviteFlags): InviteRequest {
  const { contact, register, ttl, uses: max_uses, group: groups, role: roles, note } = flags;
  const request = { contact, register, for: flags.for, ttl, max_uses, groups, roles, note };
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}
