import type { Clock } from "../core/clock.ts";
import { normaliseLocal, parseBareJid } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { tokenKey } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { bareJid, type Details, inviteUri, landingPage, never, stateOf } from "./invite.ts";
import { inviteEvent } from "./invite_events.ts";
import { type InviteNeeds, newRow } from "./invites.ts";
import { requireUnreserved } from "./reserved.ts";
import type { Wanted } from "./request.ts";
import { findInvite, insertInvite, type InviteRow, listInvites } from "./store.ts";

/** An invite as Prosody's mod_invites keeps it in the store invite_token. Times are seconds since 1970. */
export interface TokenRecord {
  readonly token: string;
  readonly type: "register" | "roster";
  readonly jid: string;
  readonly uri: string;
  readonly landing_page: string;
  readonly created_at: number;
  readonly expires: number;
  readonly allow_registration: boolean;
  readonly reusable: boolean;
  readonly additional_data: Readonly<Record<string, unknown>>;
}

/** The store invite_token, as core modules of Prosody read and write it. */
export interface TokenRecords {
  /** What mod_invites needs to judge a token: `undefined` once it is used, revoked or unknown. */
  get(host: string, token: string): Promise<TokenRecord | undefined>;
  /** Until when (seconds since 1970) this user's contact invite holds. */
  getContact(host: string, username: string, token: string): Promise<number | undefined>;
  /**
   * Keeps an invite that Prosody made. Answers its landing page.
   * @param byAdmin whoever made it has no quota
   * @throws Problem `invalid`, `username-reserved`, `too-many-requests`, `not-allowed`
   */
  put(host: string, record: Omit<TokenRecord, "uri" | "landing_page">, byAdmin?: boolean): Promise<string>;
  /** Keeps a contact invite that Prosody made; one that `put` has stored already is left as it is. */
  putContact(
    host: string,
    username: string,
    token: string,
    expires: number,
    byAdmin?: boolean,
  ): Promise<string>;
  /** Pending invites that allow a registration, newest first, in pages. */
  list(host: string, before?: number): Promise<{ records: TokenRecord[]; next?: number }>;
}

const pageSize = 200;

export function createTokenRecords(
  { database, hosts, vault, openToken, clock, emit, watch }:
    & Pick<InviteNeeds, "database" | "hosts" | "vault" | "openToken" | "emit" | "watch">
    & {
      clock: Clock;
    },
): TokenRecords {
  const live = async (host: string, token: string) => {
    const row = await findInvite(database.db, host, tokenKey(token));
    if (row?.state !== "pending" || row.paused !== 0) return undefined;
    return await watch.isPaused(row) ? undefined : row;
  };

  async function insert(
    host: string,
    token: string,
    wanted: Wanted,
    { source, byAdmin }: { source: string; byAdmin: boolean },
  ): Promise<string> {
    checkToken(token);
    if (!(clock() + wanted.ttl < never)) throw new Problem("invalid", "No invite lives that long.");
    const row = newRow({ ...wanted, host, token, source, now: clock() }, vault);
    await database.write(async (db) => {
      const known = await findInvite(db, host, row.token_key);
      if (known?.type === wanted.type && known.username === (wanted.username ?? null)) return;
      if (known) throw new Problem("conflict", "This token belongs to another invite.");
      await watch.making(db, { host, source, ...(byAdmin && { limits: { quota: null } }) });
      if (wanted.type === "account" && wanted.username !== undefined) {
        await requireUnreserved(db, host, wanted.username, clock());
      }
      await insertInvite(db, row);
      await emit(db, inviteEvent("invite.created", row, clock(), {}));
    });
    return landingPage(hosts.byDomain(host).publicUrl, token);
  }

  return {
    async get(host, token) {
      const row = await live(host, token);
      return row && toRecord(row, token, hosts, clock());
    },

    async getContact(host, username, token) {
      const row = await live(host, token);
      if (row?.type !== "contact" || row.username !== username) return undefined;
      return lastSecond(row, clock());
    },

    async put(host, record, byAdmin = false) {
      const { source, ...wanted } = meantBy(host, record, clock());
      return await insert(host, record.token, wanted, { source, byAdmin });
    },

    putContact: (host, username, token, expires, byAdmin = false) =>
      insert(host, token, contactMeant(username, expires, clock()), {
        source: bareJid(username, host),
        byAdmin,
      }),

    async list(host, before = Number.MAX_SAFE_INTEGER) {
      const rows = await listInvites(database.db, host, before, pageSize);
      const last = rows.length === pageSize ? rows.at(-1) : undefined;
      const records = rows.filter((row) =>
        stateOf(row, clock()) === "pending" && (row.type !== "contact" || row.register === 1)
      ).flatMap((row) => {
        const token = openToken(row);
        return token === undefined ? [] : toRecord(row, token, hosts, clock());
      });
      return { records, ...(last && { next: last.id }) };
    },
  };
}

/** What a record stands for, living on from `now` (ms), and who made it. @throws Problem `invalid` */
export function meantBy(
  host: string,
  { type, jid: address, expires, allow_registration, reusable, additional_data }: Omit<
    TokenRecord,
    "uri" | "landing_page"
  >,
  now: number,
): Wanted & { source: string } {
  const { source = "prosody", allow_reset, roles, groups, note, ...extra } = additional_data;
  const jid = parseBareJid(address);
  const reset = allow_reset === undefined ? undefined : normaliseLocal(String(allow_reset));
  if (!jid || jid.domain !== host || (type === "roster" && jid.local === undefined)) {
    throw new Problem("invalid", "The invite's JID does not fit its host.");
  }
  if (allow_reset !== undefined && reset === undefined) {
    throw new Problem("invalid", "The password reset names no valid user.");
  }
  const details: Details = {
    ...(namesIn(roles).length && { roles: namesIn(roles) }),
    ...(namesIn(groups).length && { groups: namesIn(groups) }),
    ...(typeof note === "string" && { note }),
    ...(Object.keys(extra).length && { extra }),
  };
  return {
    type: reset !== undefined ? "reset" : type === "roster" ? "contact" : "account",
    username: reset ?? jid.local,
    register: type === "roster" && allow_registration,
    ttl: expires * 1000 - now,
    max_uses: reusable ? null : 1,
    details,
    source: bareSource(String(source)),
  };
}

/** The same for what a user's own store says of a token: until when it holds, seconds. */
export const contactMeant = (username: string, expires: number, now: number): Wanted => ({
  ...{ type: "contact", username, register: false, max_uses: 1, details: {} },
  ttl: expires * 1000 - now,
});

/** Prosody counts an invite as good until this second is over: one that has ended for us must have for it too. */
const lastSecond = ({ expires_at }: InviteRow, now: number): number =>
  Math.floor(expires_at / 1000) - (expires_at <= now ? 1 : 0);

function toRecord(row: InviteRow, token: string, hosts: Hosts, now: number): TokenRecord {
  const { extra, ...details }: Details = JSON.parse(row.details);
  const register = row.type !== "contact" || row.register === 1;
  return {
    token,
    type: row.type === "contact" ? "roster" : "register",
    jid: bareJid(row.username, row.host),
    uri: inviteUri({ ...row, register: row.register === 1, token }),
    landing_page: landingPage(hosts.byDomain(row.host).publicUrl, token),
    created_at: Math.floor(row.created_at / 1000),
    // COMPAT(prosody 0.12): mod_invites fails on a contact invite that its host's store does not know, so it gets
    // one that has expired there: good for a contact (getContact), never for a registration.
    expires: register ? lastSecond(row, now) : 0,
    allow_registration: register,
    reusable: row.max_uses !== 1,
    additional_data: {
      ...extra,
      ...details,
      source: row.source,
      ...(row.type === "reset" && { allow_reset: row.username }),
    },
  };
}

/** Prosody tells a full JID: who made an invite is the same person on every device. */
function bareSource(source: string): string {
  const at = source.indexOf("@");
  const slash = source.indexOf("/", at);
  return at < 0 || slash < 0 ? source : source.slice(0, slash);
}

/** Names from what Lua may send: an array, a map name → true (roles on 0.12), or an empty table of either kind. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).filter(([, on]) => on === true).map(([name]) => name);
}

/**
 * Six characters of a token are no secret with us; what is left must be 80 bits at least (XEP-0401, 4).
 * @throws Problem `invalid`
 */
export function checkToken(token: string): void {
  if (!/^[\w.~-]{20,200}$/.test(token)) {
    throw new Problem("invalid", "A token has 20 to 200 letters, digits, '-', '_', '.' or '~'.");
  }
}
