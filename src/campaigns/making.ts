import { Problem } from "../core/problem.ts";
import { makeToken, tokenKey } from "../core/token.ts";
import { createPace } from "../core/turn.ts";
import { inviteEvent } from "../invites/invite_events.ts";
import { inviteFromRow, listedFromRow, type ListedInvite, sealContext } from "../invites/invite.ts";
import type { InviteNeeds } from "../invites/invites.ts";
import type { Db } from "../store/database.ts";
import {
  type CampaignRow,
  countMade,
  findCampaign,
  insertInvites,
  listCampaignInvites,
  type SharedColumns,
} from "./store.ts";

/** Makes the invites of campaigns, and reads them. */
export interface Making {
  /**
   * All invites of a campaign, some at a time and in the order in which they were made; those that are missing are
   * made meanwhile, no sooner than somebody asks for them. What comes out is on disk.
   * @throws Problem `conflict` if they are being made already or were revoked, `store-unavailable`
   */
  complete(campaign: CampaignRow): AsyncGenerator<ListedInvite[], void>;
  /** The invites that there are, after the one of this number. */
  existing(campaign: CampaignRow, after?: number): AsyncGenerator<Slice, void>;
}

/** Invites of a campaign, one after another, and the number of the last. */
export interface Slice {
  readonly invites: ListedInvite[];
  /** Each one's number: where to go on after it. */
  readonly numbers: number[];
}

const chunk = 100; // invites a transaction: a few ms, for which nothing else is answered
const slice = 200; // invites read at a time

export function createMaking(needs: InviteNeeds): Making {
  const { database, hosts, vault, openToken, clock, random, emit } = needs;
  const underWay = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  /** One chunk of all campaigns at a time: two in one transaction would hold up others for twice as long. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  }

  async function makeChunk(campaign: CampaignRow, had: number): Promise<ListedInvite[]> {
    const { id, host } = campaign;
    const shared: SharedColumns = JSON.parse(campaign.invite);
    const more = Math.min(chunk, campaign.count - had);
    const now = clock();
    const tokens = Array.from({ length: more }, () => makeToken(now, random));
    const keys = tokens.map(tokenKey);
    const sealed = tokens.map((token, i) => vault.seal(token, sealContext(host, keys[i]!)));
    await database.write(async (db) => {
      if (!await countMade(db, { id, had, more })) throw await stopped(db, campaign);
      await insertInvites(db, id, shared, keys.map((key, i) => [key, sealed[i]!]));
      const rows = keys.map((token_key) => ({ ...shared, token_key, token_sealed: "" }));
      await emit(db, rows.map((row) => inviteEvent("invite.created", row, now, {})));
    });
    return tokens.map((token, i) => {
      const row = { ...shared, token_key: keys[i]!, token_sealed: sealed[i]! };
      return inviteFromRow(row, token, hosts, now);
    });
  }

  async function* existing(campaign: CampaignRow, after = 0): AsyncGenerator<Slice, void> {
    const pace = createPace();
    for (let from = after;;) {
      const rows = await listCampaignInvites(database.db, campaign.id, { after: from, limit: slice });
      const now = clock();
      if (rows.length > 0) {
        yield {
          invites: rows.map((row) => listedFromRow(row, openToken(row), hosts, now)),
          numbers: rows.map((row) => row.id),
        };
      }
      if (rows.length < slice) return;
      from = rows.at(-1)!.id;
      await pace();
    }
  }

  return {
    existing,
    async *complete(campaign) {
      const begun = await findCampaign(database.db, campaign.host, campaign.ref) ?? campaign;
      if (begun.made < begun.count && underWay.has(begun.ref)) throw alreadyMade();
      if (begun.made > 0) { for await (const { invites } of existing(begun)) yield invites; }
      if (begun.made === begun.count) return;
      if (underWay.has(begun.ref)) throw alreadyMade();
      underWay.add(begun.ref);
      try {
        yield* theRest(begun);
      } finally {
        underWay.delete(begun.ref);
      }
    },
  };

  async function* theRest(campaign: CampaignRow): AsyncGenerator<ListedInvite[], void> {
    const { count, made } = campaign;
    if (JSON.parse(campaign.invite).expires_at <= clock()) {
      throw new Problem(
        "conflict",
        `${count - made} invites of this campaign were never made, and would have expired by now.`,
      );
    }
    const pace = createPace();
    for (let had = made; had < count; had = Math.min(had + chunk, count)) {
      await pace();
      yield await alone(() => makeChunk(campaign, had));
    }
  }
}

/** The first so many of these, and the number after which there are more, if there are. */
export async function firstOf(
  slices: AsyncIterable<Slice>,
  limit: number,
): Promise<{ invites: ListedInvite[]; next?: number }> {
  const invites: ListedInvite[] = [];
  let next: number | undefined;
  for await (const slice of slices) {
    const room = limit - invites.length;
    if (slice.invites.length > 0 && room === 0) return { invites, ...(next !== undefined && { next }) };
    invites.push(...slice.invites.slice(0, room));
    if (room > 0) next = slice.numbers[Math.min(room, slice.numbers.length) - 1] ?? next;
    if (slice.invites.length > room) return { invites, ...(next !== undefined && { next }) };
  }
  return { invites };
}

export async function* invitesOf(
  slices: AsyncIterable<Slice>,
): AsyncGenerator<ListedInvite[], void> {
  for await (const { invites } of slices) yield invites;
}

const alreadyMade = () =>
  new Problem(
    "conflict",
    "The invites of this campaign are being made just now, in answer to another request. Ask again when that has ended.",
  );

async function stopped(db: Db, { host, ref }: CampaignRow): Promise<Problem> {
  const now = await findCampaign(db, host, ref);
  return now?.revoked_at === null
    ? alreadyMade()
    : new Problem("conflict", "This campaign was revoked: no more of it are made.");
}
