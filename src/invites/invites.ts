import { type Actor, requireScope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import { makeToken, type Random, sha256, tokenKey, type Vault } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Prosody } from "../prosody/prosody.ts";
import type { Database, Db } from "../store/database.ts";
import type { Emit } from "../webhooks/events.ts";
import { findIdempotent, putIdempotent } from "./idempotency_store.ts";
import {
  boundName,
  type Invite,
  inviteFromRow,
  inviteId,
  type InviteState,
  listedFromRow,
  type ListedInvite,
  never,
  sealContext,
  stateOf,
} from "./invite.ts";
import { type InviteGroups, limitsOf, requireGroups } from "./invite_groups.ts";
import { inviteEvent, revokedEvent } from "./invite_events.ts";
import { type ChangeInvite, createChange } from "./change.ts";
import { findByTokenOrId, requireFitting } from "./lookup.ts";
import type { OpenToken } from "./open_token.ts";
import { listRedeemers } from "./redemption_store.ts";
import { requireUnreserved } from "./reserved.ts";
import { checkRequest, type InviteRequest, type Lifetimes, type Wanted } from "./request.ts";
import {
  findInvite,
  findInviteById,
  insertInvite,
  type InviteRow,
  listInvites,
  type NewInviteRow,
  updateInvite,
} from "./store.ts";
import { asItStands, asTheyStand, type InviteWatch } from "./watch.ts";

export interface InvitePage {
  readonly invites: ListedInvite[];
  /** Where the next page begins; absent on the last. A page may be short, or empty, and not the last. */
  readonly next?: string;
}

/** What the invite rules and those of redemption work with. */
export interface InviteNeeds {
  readonly database: Database;
  readonly hosts: Hosts;
  readonly vault: Vault;
  readonly openToken: OpenToken;
  readonly prosody: Prosody;
  readonly clock: Clock;
  readonly random: Random;
  readonly ttl: Lifetimes;
  readonly groups: InviteGroups;
  readonly emit: Emit;
  readonly watch: InviteWatch;
}

export interface Invites {
  /**
   * @param idempotencyKey asked again with it within a day, the same actor gets the invite of the first time
   * @throws Problem `not-allowed`, `invalid`, `username-taken`, `username-reserved`, `not-found`, `idempotency-mismatch`,
   * `too-many-requests`
   */
  create(actor: Actor, request: InviteRequest, idempotencyKey?: string): Promise<Invite>;
  /** By token, for whoever has it: the link is the right to see it. */
  findByToken(host: string, token: string): Promise<Invite | undefined>;
  /** By token or id, with who has redeemed it. @throws Problem `not-allowed`, `not-found` */
  show(
    actor: Actor,
    tokenOrId: string,
  ): Promise<ListedInvite & { redeemed_by: { jid: string; at: number }[] }>;
  /** Newest first. @throws Problem `not-allowed`, `invalid` */
  list(
    actor: Actor,
    options: { state?: InviteState | undefined; after?: string | undefined; limit: number },
  ): Promise<InvitePage>;
  /**
   * Ends an invite that is not used, and answers what has become of it: `used` stays so.
   * @throws Problem `not-allowed`, `not-found`
   */
  revoke(actor: Actor, tokenOrId: string): Promise<InviteState>;
  /** Pauses, resumes or otherwise changes one that has not ended. */
  readonly change: ChangeInvite;
}

const window = 1_000; // rows looked at for one page: bounds the time that a rare state takes to find

export function createInvites(needs: InviteNeeds): Invites {
  const { database, hosts, vault, openToken, prosody, clock, random, emit, watch } = needs;

  const find = (domain: string, tokenOrId: string) =>
    findByTokenOrId(database.db, hosts.byDomain(domain).domain, tokenOrId);

  function madeBefore(row: NewInviteRow, now: number): Invite {
    const token = openToken(row);
    if (token !== undefined) return inviteFromRow(row, token, hosts, now);
    throw new Problem(
      "conflict",
      `This has made the invite ${inviteId(row.token_key)}, whose link cannot be shown any more.`,
    );
  }

  return {
    async create(actor, request, idempotencyKey) {
      requireScope(actor, request.reset === undefined ? "invites:create" : "invites:reset");
      const host = hosts.byDomain(actor.host).domain;
      const wanted = checkRequest(request, limitsOf(actor), needs.ttl);
      const now = clock();
      const once = idempotencyKey === undefined ? undefined : {
        ...{ host, source: actor.source, idempotency_key: idempotencyKey },
        request_hash: sha256(JSON.stringify(wanted)),
      };
      const before = once && await findMade(database.db, once, now);
      if (before) return madeBefore(before, now);
      await requireGroups(needs.groups, host, wanted);
      const token = makeToken(now, random);
      const row = newRow({ ...wanted, host, token, source: actor.source, now }, vault);
      const name = boundName(row);
      await requireFitting(prosody, row);
      const made = await database.write(async (db) => {
        const first = once && await findMade(db, once, now);
        if (first) return first;
        await watch.making(db, actor);
        if (name !== null) await requireUnreserved(db, host, name, now);
        await insertInvite(db, row);
        await emit(db, inviteEvent("invite.created", row, now, {}));
        if (once) await rememberMade(db, once, row, now);
        return row;
      });
      return made === row ? inviteFromRow(row, token, hosts, now) : madeBefore(made, now);
    },

    async findByToken(host, token) {
      const row = await findInvite(database.db, host, tokenKey(token));
      return row && inviteFromRow(await asItStands(watch, row), token, hosts, clock());
    },

    async show(actor, tokenOrId) {
      requireScope(actor, "invites:read");
      const row = await find(actor.host, tokenOrId);
      const redeemed_by = await listRedeemers(database.db, row.id);
      const token = row.token_key === tokenKey(tokenOrId) ? tokenOrId : openToken(row);
      return { ...listedFromRow(await asItStands(watch, row), token, hosts, clock()), redeemed_by };
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
        hosts.byDomain(actor.host).domain,
        before,
        state === undefined ? limit + 1 : window,
      );
      const all = await asTheyStand(watch, rows);
      const fitting = state === undefined ? all : all.filter((row) => stateOf(row, now) === state);
      const page = fitting.slice(0, limit);
      const last = fitting.length > limit ? page.at(-1) : rows.length === window ? rows.at(-1) : undefined;
      return {
        invites: page.map((row) => listedFromRow(row, openToken(row), hosts, now)),
        ...(last && { next: String(last.id) }),
      };
    },

    async revoke(actor, tokenOrId) {
      requireScope(actor, "invites:revoke");
      const { host, token_key } = await find(actor.host, tokenOrId);
      return await database.write(async (db) => {
        const row = await findInvite(db, host, token_key);
        if (row?.state !== "pending") return row?.state ?? "revoked";
        await updateInvite(db, row.id, { state: "revoked", ended_at: clock() });
        await emit(db, revokedEvent(row, clock(), actor.source));
        return "revoked";
      });
    },

    change: createChange(needs),
  };
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
    expires_at: Math.min(now + wanted.ttl, never),
    paused: 0,
    for_jid: wanted.for ?? null,
  };
}

const day = 86_400_000;

type Once = Parameters<typeof findIdempotent>[1] & { readonly request_hash: string };

/** What the same request has made already. @throws Problem `idempotency-mismatch` if it was another request */
async function findMade(db: Db, once: Once, now: number): Promise<InviteRow | undefined> {
  const known = await findIdempotent(db, once, now - day);
  if (!known) return undefined;
  if (known.request_hash === once.request_hash) return await findInviteById(db, known.invite_id);
  throw new Problem(
    "idempotency-mismatch",
    "Another request had this Idempotency-Key. Use a new one for each.",
  );
}

async function rememberMade(
  db: Db,
  once: Once,
  { host, token_key }: NewInviteRow,
  now: number,
): Promise<void> {
  const row = await findInvite(db, host, token_key);
  if (row) await putIdempotent(db, { ...once, invite_id: row.id, created_at: now });
}
