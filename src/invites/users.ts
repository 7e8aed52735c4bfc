import type { Actor } from "../core/actor.ts";
import { parseBareJid } from "../core/jid.ts";
import type { Host } from "../hosts/hosts.ts";

/** Somebody who is logged in to Prosody. */
export interface Asker {
  /** Bare. */
  readonly jid: string;
  /** As Prosody has it, for this host. */
  readonly isAdmin: boolean;
}

/** The local part of somebody's JID, if it is one of this host. */
export function localOf({ domain }: Pick<Host, "domain">, jid: string): string | undefined {
  const parsed = parseBareJid(jid);
  return parsed?.domain === domain ? parsed.local : undefined;
}

/** What somebody may invite to: be a contact of theirs (with an account or without), an account, a new password. */
export function mayInvite(
  host: Pick<Host, "domain" | "settings">,
  { jid, isAdmin }: Asker,
): { contact: boolean; account: boolean; reset: boolean } {
  const isOurs = localOf(host, jid) !== undefined;
  return {
    contact: isOurs && (isAdmin || host.settings["invites.allow_contact_invites"]),
    account: isAdmin || (isOurs && host.settings["invites.allow_user_invites"]),
    reset: isAdmin,
  };
}

/** As whom somebody makes invites: an admin without limits, anybody else with those of users. */
export function userActor(
  { domain, settings }: Pick<Host, "domain" | "settings">,
  { jid, isAdmin }: Asker,
): Actor {
  const who = { source: jid, host: domain };
  if (isAdmin) return { ...who, scopes: ["invites:create", "invites:reset"], limits: { quota: null } };
  const ttl = settings["invites.user_ttl"];
  return {
    ...who,
    scopes: ["invites:create"],
    limits: {
      roles: settings["invites.user_roles"],
      groups: settings["invites.user_groups"],
      uses: settings["invites.user_uses"],
      ...(ttl !== Infinity && { ttl: ttl / 1000 }),
    },
  };
}
