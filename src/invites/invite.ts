import type { Hosts } from "../hosts/hosts.ts";
import type { NewInviteRow } from "./store.ts";

export type InviteType = "account" | "contact" | "reset";
export const inviteStates = ["pending", "paused", "used", "expired", "revoked"] as const;
export type InviteState = typeof inviteStates[number];

/** An invite as those who may see its link see it. Times are milliseconds since 1970. */
export interface Invite {
  /** Names it without giving it away: 16 characters, the beginning of what its token is found by. */
  readonly id: string;
  readonly host: string;
  readonly token: string;
  readonly type: InviteType;
  /** The host, or the account that this is for (account, reset) or from (contact). */
  readonly jid: string;
  /** A contact invite that may register an account as well. */
  readonly register: boolean;
  /** Who alone may accept a contact invite: a bare JID, or a domain. */
  readonly for?: string;
  /** `xmpp:` URI (XEP-0401, XEP-0445, XEP-0379). */
  readonly uri: string;
  readonly landing_page: string;
  readonly state: InviteState;
  readonly uses: number;
  /** `null`: without limit. */
  readonly max_uses: number | null;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly note?: string;
  /** Who made it: `api/token/KEY_ID`, `cli`, or a bare JID. */
  readonly source: string;
  readonly created_at: number;
  /** `null`: it does not expire. */
  readonly expires_at: number | null;
}

/** What a row says of an invite that does not expire: the last year that can be written as a date. */
export const never = Date.UTC(9999, 0);

/** An invite whose token may be gone: without it there are no links either. */
export type ListedInvite = Omit<Invite, Links> & Partial<Pick<Invite, Links>>;
type Links = "token" | "uri" | "landing_page";

/** What is kept in a row's `details`. `extra` is what other modules of Prosody put beside an invite. */
export interface Details {
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly note?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

const idLength = 16;

/** The beginning of what the token is found by: it names the invite and is no help in guessing the token. */
export const inviteId = (tokenKey: string): string => tokenKey.slice(0, idLength);

export const isInviteId = (text: string): boolean => text.length === idLength && /^[\w-]+$/.test(text);

/** The token's context in the vault: a sealed token cannot be moved to another invite. */
export const sealContext = (host: string, tokenKey: string): string => `${host}/${inviteId(tokenKey)}`;

/** RFC 5122 URI with XEP-0147 queries: `register` for accounts and resets, `roster` for contacts. */
export function inviteUri(
  invite: {
    type: InviteType;
    username?: string | null | undefined;
    register: boolean;
    host: string;
    token: string;
    for_jid?: string | null;
  },
): string {
  const { host, type, for_jid = null } = invite;
  const name = boundName({ ...invite, username: invite.username ?? null, for_jid });
  const isContact = type === "contact" && name === null; // else a new account before all: XEP-0401, 5.4
  const jid = bareJid(isContact ? invite.username : name ?? invite.username, host, encodeURIComponent);
  const uri = isContact
    ? `xmpp:${jid}?roster;preauth=${invite.token}${invite.register ? ";ibr=y" : ""}`
    : `xmpp:${jid}?register;preauth=${invite.token}`;
  return uri.replace(/[^\x21-\x7e]+/gu, encodeURIComponent); // a domain may have other letters too
}

export const landingPage = (publicUrl: string, token: string): string =>
  `${publicUrl}/invite/${encodeURIComponent(token)}`;

/** `user@host`, or the host alone. */
export const bareJid = (
  local: string | null | undefined,
  host: string,
  escape = (text: string) => text,
): string => local ? `${escape(local)}@${host}` : host;

/** The one name that an account made with this invite has; `null`: any. A contact invite says it by whom it is for. */
export function boundName(
  { type, username, register, for_jid, host }:
    & Pick<NewInviteRow, "type" | "username" | "for_jid" | "host">
    & {
      register: number | boolean;
    },
): string | null {
  if (type === "account") return username;
  const end = `@${host}`;
  return register && for_jid?.endsWith(end) ? for_jid.slice(0, -end.length) : null;
}

export function stateOf(
  row: Pick<NewInviteRow, "state" | "expires_at" | "paused">,
  now: number,
): InviteState {
  if (row.state !== "pending") return row.state;
  return row.expires_at <= now ? "expired" : row.paused ? "paused" : "pending";
}

export function inviteFromRow(row: NewInviteRow, token: string, hosts: Hosts, now: number): Invite {
  const { roles = [], groups = [], note }: Details = JSON.parse(row.details);
  const register = row.register === 1;
  return {
    id: inviteId(row.token_key),
    host: row.host,
    token,
    type: row.type,
    jid: bareJid(row.username, row.host),
    register,
    ...(row.for_jid !== null && { for: row.for_jid }),
    uri: inviteUri({ ...row, register, token }),
    landing_page: landingPage(hosts.byDomain(row.host).publicUrl, token),
    state: stateOf(row, now),
    uses: row.uses,
    max_uses: row.max_uses,
    roles,
    groups,
    ...(note !== undefined && { note }),
    source: row.source,
    created_at: row.created_at,
    expires_at: row.expires_at >= never ? null : row.expires_at,
  };
}

export function listedFromRow(
  row: NewInviteRow,
  token: string | undefined,
  hosts: Hosts,
  now: number,
): ListedInvite {
  if (token !== undefined) return inviteFromRow(row, token, hosts, now);
  const { token: _, uri: _uri, landing_page: _page, ...rest } = inviteFromRow(row, "", hosts, now);
  return rest;
}

/** The shape that HTTP and `--json` show: times as RFC 3339 in UTC. */
export function inviteJson({ register, ...invite }: ListedInvite): Record<string, unknown> {
  return {
    ...invite,
    ...(invite.type === "contact" && { register }),
    created_at: new Date(invite.created_at).toISOString(),
    expires_at: invite.expires_at === null ? null : new Date(invite.expires_at).toISOString(),
  };
}
