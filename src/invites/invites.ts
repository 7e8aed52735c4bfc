import { type Actor, requireScope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { makeToken, type Random, tokenKey, type Vault } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Prosody } from "../prosody/prosody.ts";
import type { Database } from "../store/database.ts";
import {
  bareJid,
  type Details,
  type Invite,
  inviteFromRow,
  type InviteState,
  type InviteType,
  isInviteId,
  sealContext,
  stateOf,
  unsealToken,
} from "./invite.ts";
import { isHeld, listRedeemers } from "./redemption_store.ts";
import {
  findInvite,
  findInviteByPrefix,
  findReservation,
  insertInvite,
  type InviteRow,
  listInvites,
  type NewInviteRow,
  updateInvite,
} from "./store.ts";

/** What to make. At most one of `username`, `contact` and `reset`; none: an account of any name. */
export interface InviteRequest {
  readonly username?: string | undefined;
  readonly contact?: string | undefined;
  /** With `contact`: may also register an account. */
  readonly register?: boolean | undefined;
  readonly reset?: string | undefined;
  /** Milliseconds. */
  readonly ttl?: number | undefined;
  readonly max_uses?: number | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly note?: string | undefined;
}

export interface InvitePage {
  readonly invites: Invite[];
  /** Where the next page begins; absent on the last. A page may be short, or empty, and not the last. */
  readonly next?: string;
}

/** What the invite rules and those of redemption work with. */
export interface InviteNeeds {
  readonly database: Database;
  readonly hosts: Hosts;
  readonly vault: Vault;
  readonly prosody: Prosody;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds, as in config.ts. */
  readonly ttl: { readonly invite: number; readonly reset: number; readonly max: number };
}

export interface Invites {
  /** @throws Problem `not-allowed`, `invalid`, `username-taken`, `username-reserved`, `not-found` */
  create(actor: Actor, request: InviteRequest): Promise<Invite>;
  /** By token, for whoever has it: the link is the right to see it. */
  findByToken(host: string, token: string): Promise<Invite | undefined>;
  /** By token or id, with who has redeemed it. @throws Problem `not-allowed`, `not-found` */
  show(actor: Actor, tokenOrId: string): Promise<Invite & { redeemed_by: { jid: string; at: number }[] }>;
  /** Newest first. @throws Problem `not-allowed`, `invalid` */
  list(
    actor: Actor,
    options: { state?: InviteState | undefined; after?: string | undefined; limit: number },
  ): Promise<InvitePage>;
  /** Ends an invite that is not used; ending it twice is no error. @throws Problem `not-allowed`, `not-found` */
  revoke(actor: Actor, tokenOrId: string): Promise<void>;
}

const window = 1_000; // rows looked at for one page: bounds the time that a rare state takes to find

export function createInvites(needs: InviteNeeds): Invites {
  const { database, hosts, vault, prosody, clock, random } = needs;

  async function find(host: string, tokenOrId: string): Promise<InviteRow> {
    const row = await findInvite(database.db, host, tokenKey(tokenOrId)) ??
      (isInviteId(tokenOrId) ? await findInviteByPrefix(database.db, host, tokenOrId) : undefined);
    if (!row) throw new Problem("not-found", "There is no invite with this token or id on this host.");
    return row;
  }

  return {
    async create(actor, request) {
      requireScope(actor, request.reset === undefined ? "invites:create" : "invites:reset");
      const host = hosts.byDomain(actor.host).domain;
      const wanted = checkRequest(request, actor, needs.ttl);
      await askProsody(prosody, host, wanted);
      const now = clock();
      const token = makeToken(now, random);
      const row = newRow({ ...wanted, host, token, source: actor.source, now }, vault);
      await database.write(async (db) => {
        if (wanted.type === "account" && wanted.username !== undefined) {
          await requireUnreserved(db, host, wanted.username, clock());
        }
        await insertInvite(db, row);
      });
      return inviteFromRow(row, token, hosts, now);
    },

    async findByToken(host, token) {
      const row = await findInvite(database.db, host, tokenKey(token));
      return row && inviteFromRow(row, token, hosts, clock());
    },

    async show(actor, tokenOrId) {
      requireScope(actor, "invites:read");
      const row = await find(actor.host, tokenOrId);
      const redeemed_by = await listRedeemers(database.db, row.id);
      return { ...inviteFromRow(row, unsealToken(row, vault), hosts, clock()), redeemed_by };
    },

    async list(actor, { state, after, limit }) {
      requireScope(actor, "invites:read");
      if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) {
        throw new Problem(
          "invalid",
          "This is not where a page begins: use the address that a page gave as next.",
        );
      }
      const now = clock();
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      const rows = await listInvites(
        database.db,
        actor.host,
        before,
        state === undefined ? limit + 1 : window,
      );
      const fitting = rows.filter((row) => state === undefined || stateOf(row, now) === state);
      const page = fitting.slice(0, limit);
      const last = fitting.length > limit ? page.at(-1) : rows.length === window ? rows.at(-1) : undefined;
      return {
        invites: page.map((row) => inviteFromRow(row, unsealToken(row, vault), hosts, now)),
        ...(last && { next: String(last.id) }),
      };
    },

    async revoke(actor, tokenOrId) {
      requireScope(actor, "invites:revoke");
      const { token_key } = await find(actor.host, tokenOrId);
      await database.write(async (db) => {
        const row = await findInvite(db, actor.host, token_key);
        if (row?.state === "pending") await updateInvite(db, row.id, { state: "revoked" });
      });
    },
  };
}

/** A request that has been checked: what a row is made of. */
export interface Wanted {
  readonly type: InviteType;
  readonly username?: string | undefined;
  readonly register: boolean;
  readonly ttl: number;
  readonly max_uses: number | null;
  readonly details: Details;
}

export function newRow(
  { host, token, source, now, ...wanted }: Wanted & {
    host: string;
    token: string;
    source: string;
    now: number;
  },
  vault: Vault,
): NewInviteRow {
  const token_key = tokenKey(token);
  return {
    host,
    token_key,
    token_sealed: vault.seal(token, sealContext(host, token_key)),
    type: wanted.type,
    username: wanted.username ?? null,
    register: wanted.register ? 1 : 0,
    state: "pending",
    uses: 0,
    max_uses: wanted.max_uses,
    source,
    details: JSON.stringify(wanted.details),
    created_at: now,
    expires_at: now + wanted.ttl,
  };
}

/** @throws Problem `username-reserved` while another invite, or a registration under way, holds the name */
export async function requireUnreserved(
  db: Database["db"],
  host: string,
  username: string,
  now: number,
  own: { invite?: number; claim: string } = { claim: "" },
): Promise<void> {
  const other = await findReservation(db, host, username, now);
  if ((other && other.id !== own.invite) || await isHeld(db, host, bareJid(username, host), own.claim, now)) {
    throw new Problem(
      "username-reserved",
      "This username is kept for somebody who has an invite. Choose another.",
    );
  }
}

async function askProsody(prosody: Prosody, host: string, { type, username }: Wanted): Promise<void> {
  if (username === undefined) return;
  const exists = await prosody.userExists(host, username);
  if (type === "account" && exists === true) {
    throw new Problem("username-taken", `${bareJid(username, host)} exists. Choose another username.`);
  }
  if (type !== "account" && exists === false) {
    throw new Problem("not-found", `There is no account ${bareJid(username, host)}.`);
  }
}

function checkRequest(request: InviteRequest, { limits }: Actor, ttls: InviteNeeds["ttl"]): Wanted {
  const invalid = (at: string, reason: string) => new Problem("invalid", reason, [{ at, reason }]);
  const { username, contact, reset, register = false, roles = [], groups = [], note } = request;
  const kinds = Object.entries({ username, contact, reset }).filter(([, value]) => value !== undefined);
  const [kind, other] = kinds;
  if (other) throw invalid(`/${other[0]}`, "Give one of username, contact and reset, not several.");
  if (register && contact === undefined) throw invalid("/register", "register goes with contact.");
  const local = kind && normaliseLocal(kind[1] ?? "");
  if (kind && local === undefined) throw invalid(`/${kind[0]}`, "This cannot be a username.");

  const ttl = request.ttl ??
    Math.min(reset === undefined ? ttls.invite : ttls.reset, (limits.ttl ?? Infinity) * 1000);
  if (!(ttl >= 1000)) throw invalid("/ttl", "An invite lives for a second at least.");
  if (ttl > ttls.max) {
    throw invalid("/ttl", `An invite lives for ${Math.floor(ttls.max / 1000)} seconds at most.`);
  }
  if (limits.ttl !== undefined && ttl > limits.ttl * 1000) {
    throw new Problem("not-allowed", `This key makes invites of ${limits.ttl} seconds at most.`);
  }
  const max_uses = request.max_uses ?? 1;
  if (!Number.isSafeInteger(max_uses) || max_uses < 1 || max_uses > 1_000_000) {
    throw invalid("/max_uses", "max_uses is a whole number from 1 to 1000000.");
  }
  if (max_uses > 1 && (username !== undefined || reset !== undefined)) {
    throw invalid("/max_uses", "An invite for one username can be used once.");
  }
  if (limits.uses !== undefined && max_uses > limits.uses) {
    throw new Problem("not-allowed", `This key makes invites of ${limits.uses} uses at most.`);
  }
  if ((roles.length > 0 || groups.length > 0) && reset !== undefined) {
    throw invalid(
      roles.length > 0 ? "/roles" : "/groups",
      "A password reset carries neither roles nor groups.",
    );
  }
  checkNames("roles", roles, limits.roles);
  checkNames("groups", groups, limits.groups);
  if (note !== undefined && (note.length > 1000 || !note.isWellFormed())) {
    throw invalid("/note", "A note has 1000 characters at most.");
  }
  return {
    type: contact !== undefined ? "contact" : reset !== undefined ? "reset" : "account",
    username: local,
    register,
    ttl,
    max_uses,
    details: {
      ...(roles.length && { roles }),
      ...(groups.length && { groups }),
      ...(note !== undefined && { note }),
    },
  };
}

function checkNames(
  what: "roles" | "groups",
  names: readonly string[],
  allowed: readonly string[] | undefined,
): void {
  if (names.length > 50) throw new Problem("invalid", `An invite has 50 ${what} at most.`);
  names.forEach((name, i) => {
    if (!/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(name)) {
      const reason = "A name has 1 to 200 characters and no control characters.";
      throw new Problem("invalid", reason, [{ at: `/${what}/${i}`, reason }]);
    }
    if (allowed && !allowed.includes(name)) {
      throw new Problem(
        "not-allowed",
        `This key may not make invites with ${JSON.stringify(name)} among the ${what}.`,
      );
    }
  });
}
