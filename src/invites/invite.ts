import { Buffer } from "node:buffer";
import type { Vault } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { InviteRow, NewInviteRow } from "./store.ts";

export type InviteType = "account" | "contact" | "reset";
export const inviteStates = ["pending", "used", "expired", "revoked"] as const;
export type InviteState = typeof inviteStates[number];

/** An invite as those who may see its link see it. Times are milliseconds since 1970. */
export interface Invite {
  /** Names it without giving it away: 12 characters, the beginning of the token's hash. */
  readonly id: string;
  readonly host: string;
  readonly token: string;
  readonly type: InviteType;
  /** The host, or the account that this is for (account, reset) or from (contact). */
  readonly jid: string;
  /** A contact invite that may register an account as well. */
  readonly register: boolean;
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
  readonly expires_at: number;
}

/** What is kept in a row's `details`. `extra` is what other modules of Prosody put beside an invite. */
export interface Details {
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly note?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

const idBytes = 9;

export const inviteId = (tokenHash: Uint8Array): string =>
  Buffer.from(tokenHash.subarray(0, idBytes)).toString("base64url");

/** The range of token hashes that an id stands for; `undefined` if it is no id. */
export function hashRange(id: string): { from: Uint8Array; to: Uint8Array } | undefined {
  if (!/^[\w-]{12}$/.test(id)) return undefined;
  const prefix = Buffer.from(id, "base64url");
  const to = new Uint8Array(32).fill(255);
  to.set(prefix);
  return { from: prefix, to };
}

/** The token's context in the vault: a sealed token cannot be moved to another invite. */
export const sealContext = (host: string, tokenHash: Uint8Array): string => `${host}/${inviteId(tokenHash)}`;

/** RFC 5122 URI with XEP-0147 queries: `register` for accounts and resets, `roster` for contacts. */
export function inviteUri(
  invite: {
    type: InviteType;
    username?: string | null | undefined;
    register: boolean;
    host: string;
    token: string;
  },
): string {
  const jid = bareJid(invite.username, invite.host, encodeURIComponent);
  return invite.type === "contact"
    ? `xmpp:${jid}?roster;preauth=${invite.token}${invite.register ? ";ibr=y" : ""}`
    : `xmpp:${jid}?register;preauth=${invite.token}`;
}

export const landingPage = (publicUrl: string, token: string): string =>
  `${publicUrl}/invite/${encodeURIComponent(token)}`;

/** `user@host`, or the host alone. */
export const bareJid = (
  local: string | null | undefined,
  host: string,
  escape = (text: string) => text,
): string => local ? `${escape(local)}@${host}` : host;

export function stateOf(row: Pick<NewInviteRow, "state" | "expires_at">, now: number): InviteState {
  return row.state === "pending" && row.expires_at <= now ? "expired" : row.state;
}

export function inviteFromRow(row: NewInviteRow, token: string, hosts: Hosts, now: number): Invite {
  const { roles = [], groups = [], note }: Details = JSON.parse(row.details);
  const register = row.register === 1;
  return {
    id: inviteId(row.token_hash),
    host: row.host,
    token,
    type: row.type,
    jid: bareJid(row.username, row.host),
    register,
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
    expires_at: row.expires_at,
  };
}

export const unsealToken = (row: InviteRow, vault: Vault): string =>
  vault.open(row.token_sealed, sealContext(row.host, row.token_hash));

/** The shape that HTTP and `--json` show: times as RFC 3339 in UTC. */
export function inviteJson(invite: Invite): Record<string, unknown> {
  return {
    ...invite,
    created_at: new Date(invite.created_at).toISOString(),
    expires_at: new Date(invite.expires_at).toISOString(),
  };
}
