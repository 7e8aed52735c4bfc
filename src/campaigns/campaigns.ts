import { type Actor, requireScope } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import { randomId, sha256 } from "../core/token.ts";
import { createPace, inPieces } from "../core/turn.ts";
import { boundName, type InviteState, type ListedInvite, stateOf } from "../invites/invite.ts";
import { limitsOf, requireGroups } from "../invites/invite_groups.ts";
import { revokedEvent } from "../invites/invite_events.ts";
import { type InviteNeeds, newRow } from "../invites/invites.ts";
import { requireFitting } from "../invites/lookup.ts";
import { checkRequest, type InviteRequest } from "../invites/request.ts";
import type { Db } from "../store/database.ts";
import { type BulkRequest, checkCount, checkLabel, isForOne, requireMany } from "./bulk_request.ts";
import { type Campaign, campaignFromRow, type CountedCampaign, isCampaignId } from "./campaign.ts";
import { createMaking, type Slice } from "./making.ts";
import {
  type CampaignRow,
  countSlice,
  endCampaign,
  findCampaign,
  findCampaignOnce,
  forgetCampaigns,
  freeIdempotencyKey,
  insertCampaign,
  listCampaigns,
  listEmpty,
  revokeSlice,
} from "./store.ts";
import type { Resolve } from "./templates.ts";

export type { InviteRequest };

/** A campaign, and its invites some at a time. Nothing is made or read before somebody asks for it. */
export interface Batch {
  readonly campaign: Campaign;
  readonly invites: AsyncGenerator<ListedInvite[], void>;
}

export interface CampaignNeeds extends InviteNeeds {
  readonly resolve: Resolve;
  /** How long a campaign is kept after it was made, once its invites are gone, ms. */
  readonly retention: number;
}

export interface Campaigns {
  /**
   * Begins a campaign, whose invites are made as they are asked for. Asked again with the same `idempotencyKey`
   * within a day, the same actor gets that campaign again, and what of it is missing is made.
   * @throws Problem as `Invites.create`
   */
  begin(actor: Actor, request: BulkRequest, most: number, idempotencyKey?: string): Promise<Batch>;
  /** A campaign's invites once more; what is missing is made. @throws Problem `not-allowed`, `not-found` */
  resume(actor: Actor, id: string): Promise<Batch>;
  /** Newest first. @throws Problem `not-allowed`, `invalid` */
  list(
    actor: Actor,
    page: { after?: string | undefined; limit: number },
  ): Promise<{ campaigns: Campaign[]; next?: string }>;
  /** @throws Problem `not-allowed`, `not-found` */
  show(actor: Actor, id: string): Promise<CountedCampaign>;
  /** The invites that there are, of this state or of any, after the one of this number. */
  read(
    actor: Actor,
    id: string,
    options: { state?: InviteState | undefined; after?: number | undefined },
  ): Promise<{ campaign: Campaign; slices: AsyncGenerator<Slice, void> }>;
  /** Ends all of its invites that are not used, and makes no more. @throws Problem `not-allowed`, `not-found` */
  revoke(actor: Actor, id: string): Promise<Campaign>;
  /** Forgets campaigns of which nothing is left. */
  sweep(): Promise<void>;
}

const day = 86_400_000;
const counted = 2_000; // rows looked at in one step
const revoked = 200;

export function createCampaigns(needs: CampaignNeeds): Campaigns {
  const { database, hosts, clock } = needs;
  const making = createMaking(needs);

  async function find(domain: string, id: string): Promise<CampaignRow> {
    const host = hosts.byDomain(domain).domain;
    const row = isCampaignId(id) ? await findCampaign(database.db, host, id) : undefined;
    if (!row) throw new Problem("not-found", "There is no campaign with this id on this host.");
    return row;
  }

  const batchOf = (row: CampaignRow): Batch => ({
    campaign: campaignFromRow(row),
    invites: making.complete(row),
  });

  return {
    async begin(actor, request, most, idempotency_key) {
      requireScope(actor, "invites:create");
      const host = hosts.byDomain(actor.host).domain;
      const count = checkCount(request.count, most);
      const label = checkLabel(request.label);
      const wanted = checkRequest(
        requireMany(await needs.resolve(host, request.invite)),
        limitsOf(actor),
        needs.ttl,
      );
      const now = clock();
      const request_hash = sha256(JSON.stringify([count, label, wanted]));
      const once = idempotency_key === undefined
        ? undefined
        : { host, source: actor.source, idempotency_key };
      const before = once && await findBegun(database.db, once, request_hash, now);
      if (before) return batchOf(before);
      await requireGroups(needs.groups, host, wanted);
      const like = newRow({ ...wanted, host, token: "", source: actor.source, now }, needs.vault);
      if (boundName(like) !== null) throw isForOne("for");
      await requireFitting(needs.prosody, like);
      const { token_key: _key, token_sealed: _sealed, ...shared } = like;
      const row = await database.write(async (db) => {
        const first = once && await findBegun(db, once, request_hash, now);
        if (first) return first;
        if (once) await freeIdempotencyKey(db, once);
        await needs.watch.making(db, actor, count);
        return await insertCampaign(db, {
          ...{ ref: randomId(needs.random, 9).replace(/^-/, "_"), host, label, source: actor.source, count },
          ...{ idempotency_key: idempotency_key ?? null, request_hash, created_at: now, revoked_at: null },
          invite: JSON.stringify(shared),
        });
      });
      return batchOf(row);
    },

    async resume(actor, id) {
      requireScope(actor, "invites:create");
      const row = await find(actor.host, id);
      // The links of what another key has made are for those who may see all of them.
      if (row.source !== actor.source) requireScope(actor, "invites:read");
      return batchOf(row);
    },

    async list(actor, { after, limit }) {
      requireScope(actor, "invites:read");
      const host = hosts.byDomain(actor.host).domain;
      const rows = await listCampaigns(database.db, host, numberOf(after), limit + 1);
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return { campaigns: page.map(campaignFromRow), ...(last && { next: String(last.id) }) };
    },

    async show(actor, id) {
      requireScope(actor, "invites:read");
      const row = await find(actor.host, id);
      const invites: Record<InviteState, number> = { pending: 0, paused: 0, used: 0, expired: 0, revoked: 0 };
      const pace = createPace();
      let [uses, seen, now] = [0, counted, clock()];
      for (let after = 0; seen === counted; await pace()) {
        seen = 0;
        for (
          const one of await countSlice(database.db, row.id, { after, limit: counted, now })
        ) {
          invites[stateOf({ ...one, expires_at: one.expired ? now : Infinity }, now)] += one.count;
          uses += one.uses;
          seen += one.count;
          after = Math.max(after, one.last);
        }
      }
      return { ...campaignFromRow(row), invites, uses };
    },

    async read(actor, id, { state, after = 0 }) {
      requireScope(actor, "invites:read");
      const row = await find(actor.host, id);
      const all = making.existing(row, after);
      return { campaign: campaignFromRow(row), slices: state === undefined ? all : only(all, state) };
    },

    async revoke(actor, id) {
      requireScope(actor, "invites:revoke");
      const { host, ref, id: number } = await find(actor.host, id);
      await database.write((db) => endCampaign(db, host, ref, clock()));
      const pace = createPace();
      for (let after: number | undefined = 0; after !== undefined; await pace()) {
        const from: number = after;
        after = await database.write(async (db) => {
          const now = clock();
          const slice = await revokeSlice(db, number, { after: from, limit: revoked, now });
          await needs.emit(db, (slice?.revoked ?? []).map((row) => revokedEvent(row, now, actor.source)));
          return slice?.last;
        });
      }
      return campaignFromRow(await find(host, ref));
    },

    async sweep() {
      const before = clock() - needs.retention;
      let after: number | undefined = 0;
      await inPieces(async () => {
        const { empty, next } = await listEmpty(database.db, before, after!, 100);
        if (empty.length > 0) await database.write((db) => forgetCampaigns(db, empty));
        after = next;
        return after !== undefined;
      });
    },
  };
}

/** @throws Problem `idempotency-mismatch` if the key was another request's */
async function findBegun(
  db: Db,
  once: Parameters<typeof findCampaignOnce>[1],
  request_hash: string,
  now: number,
): Promise<CampaignRow | undefined> {
  const row = await findCampaignOnce(db, once, now - day);
  if (!row || row.request_hash === request_hash) return row;
  throw new Problem(
    "idempotency-mismatch",
    "Another request had this Idempotency-Key. Use a new key for a new request.",
  );
}

async function* only(slices: AsyncGenerator<Slice, void>, state: InviteState): AsyncGenerator<Slice, void> {
  for await (const { invites, numbers } of slices) {
    const fitting = invites.flatMap((invite, i) => invite.state === state ? i : []);
    yield { invites: fitting.map((i) => invites[i]!), numbers: fitting.map((i) => numbers[i]!) };
  }
}

function numberOf(after: string | undefined): number {
  if (after === undefined) return Number.MAX_SAFE_INTEGER;
  if (/^[0-9]{1,15}$/.test(after)) return Number(after);
  throw new Problem(
    "invalid",
    "This is not where a page begins: use the address that a page gave as next.",
  );
}
