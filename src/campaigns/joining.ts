import { type Actor, operator, requireScope } from "../core/actor.ts";
import { createBackoff } from "../core/backoff.ts";
import { Problem } from "../core/problem.ts";
import { makeToken, tokenKey } from "../core/token.ts";
import { inPieces } from "../core/turn.ts";
import { type Invite, inviteJson, isInviteId, landingPage } from "../invites/invite.ts";
import type { InviteNeeds, Invites } from "../invites/invites.ts";
import type { InviteRequest } from "../invites/request.ts";
import {
  type Asked,
  checkAsked,
  checkReason,
  type JoinRequest,
  joinRequestFromRow,
  joinRequestJson,
  type JoinState,
} from "./join_request.ts";
import {
  decideJoinRequest,
  deleteJoinRequest,
  findInviteOf,
  findJoinRequest,
  findJoinRequestByPrefix,
  forgetJoinRequests,
  insertJoinRequest,
  type JoinRow,
  listJoinRequests,
} from "./join_store.ts";
import type { Resolve } from "./templates.ts";

export interface JoiningNeeds
  extends Pick<InviteNeeds, "database" | "hosts" | "openToken" | "clock" | "random" | "emit"> {
  readonly invites: Invites;
  readonly resolve: Resolve;
  /** How long a request is kept after the last that has happened to it, ms. */
  readonly retention: number;
}

/** What an approved request is answered with; `username` is `null` for an account of any name. */
export type Approval = Omit<InviteRequest, "username"> & { readonly username?: string | null | undefined };

export interface Joining {
  /** Whether strangers may ask on this host. */
  isOpen(host: string): boolean;
  /**
   * Keeps a request, and answers the token of the page where its answer will be.
   * @param address of who asks, if it is known @throws Problem `not-found`, `invalid`, `too-many-requests`
   */
  ask(host: string, asked: Asked, address: string | undefined): Promise<string>;
  /** How it stands, for whoever has the token; with the invite's address, if there is one. @throws Problem `not-found` */
  look(host: string, token: string): Promise<JoinRequest & { landing_page?: string }>;
  /** The asker takes it back: nothing is kept. @throws Problem `not-found` */
  withdraw(host: string, token: string): Promise<void>;
  /** Newest first. @throws Problem `not-allowed`, `invalid` */
  list(
    actor: Actor,
    page: { state?: JoinState | undefined; after?: string | undefined; limit: number },
  ): Promise<{ requests: JoinRequest[]; next?: string }>;
  /** @throws Problem `not-allowed`, `not-found` */
  show(actor: Actor, id: string): Promise<JoinRequest>;
  /** Makes the invite that the asker gets. @throws Problem `conflict` if it was decided, and as `Invites.create` */
  approve(actor: Actor, id: string, approval: Approval): Promise<{ request: JoinRequest; invite: Invite }>;
  /** @throws Problem `conflict` if it was decided, `not-allowed`, `not-found`, `invalid` */
  decline(actor: Actor, id: string, reason?: string): Promise<JoinRequest>;
  /** Deletes it; an invite that was made stays. @throws Problem `not-allowed`, `not-found` */
  delete(actor: Actor, id: string): Promise<void>;
  sweep(): Promise<void>;
}

const hour = 3_600_000;

export function createJoining(needs: JoiningNeeds): Joining {
  const { database, hosts, clock, invites } = needs;
  const addresses = createBackoff({ free: 5, longest: hour, memory: 24 * hour, known: 100_000, clock });
  const settingsOf = (host: string) => hosts.byDomain(host).settings;
  const isOpen = (host: string) => settingsOf(host)["campaigns.join_requests"];

  async function byToken(host: string, token: string): Promise<JoinRow> {
    const row = await findJoinRequest(database.db, hosts.byDomain(host).domain, tokenKey(token));
    if (!row) throw new Problem("not-found", "There is no such request, or it is no longer kept.");
    return row;
  }

  async function byId(actor: Actor, id: string): Promise<JoinRow> {
    const { domain } = hosts.byDomain(actor.host);
    const row = isInviteId(id) ? await findJoinRequestByPrefix(database.db, domain, id) : undefined;
    if (!row) throw new Problem("not-found", "There is no request with this id on this host.");
    return row;
  }

  return {
    isOpen,

    async ask(hostName, asked, address) {
      const host = hosts.byDomain(hostName).domain;
      if (!isOpen(host)) throw new Problem("not-found", "Nobody can ask for an invite here.");
      const kept = checkAsked(asked);
      if (address !== undefined) {
        const wait = addresses.waitOf(address);
        if (wait > 0) throw tooOften(wait);
        addresses.take(address);
        addresses.failed(address);
      }
      const now = clock();
      const token = makeToken(now, needs.random);
      const row = { ...kept, host, token_key: tokenKey(token), state: "waiting" as const, created_at: now };
      const most = settingsOf(host)["campaigns.max_join_requests"];
      const isKept = await database.write(async (db) => {
        if (!await insertJoinRequest(db, row, most)) return false;
        const data = { join_request: { id: row.token_key.slice(0, 16) } };
        await needs.emit(db, { type: "join_request.created", host, data });
        return true;
      });
      if (!isKept) {
        throw new Problem(
          "too-many-requests",
          "Too many requests wait for an answer. Try again in some days.",
        );
      }
      return token;
    },

    async look(host, token) {
      const row = await byToken(host, token);
      const request = joinRequestFromRow(row);
      const invite = row.invite_id === null ? undefined : await findInviteOf(database.db, row);
      const secret = invite && needs.openToken(invite);
      if (secret === undefined) return request;
      return { ...request, landing_page: landingPage(hosts.byDomain(row.host).publicUrl, secret) };
    },

    async withdraw(host, token) {
      const { id } = await byToken(host, token);
      await database.write((db) => deleteJoinRequest(db, id));
    },

    async list(actor, { state, after, limit }) {
      requireScope(actor, "requests:read");
      if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) {
        throw new Problem(
          "invalid",
          "This is not where a page begins: use the address that a page gave as next.",
        );
      }
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      const options = { state, before, limit: limit + 1 };
      const rows = await listJoinRequests(database.db, hosts.byDomain(actor.host).domain, options);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return {
        requests: rows.slice(0, limit).map(joinRequestFromRow),
        ...(last && { next: String(last.id) }),
      };
    },

    async show(actor, id) {
      requireScope(actor, "requests:read");
      return joinRequestFromRow(await byId(actor, id));
    },

    async approve(actor, id, { username, ...given }) {
      requireScope(actor, "requests:decide");
      const row = await byId(actor, id);
      if (row.state !== "waiting") throw decided();
      const { username: preset, ...rest } = await needs.resolve(row.host, given);
      const own = rest.contact === undefined ? row.username ?? preset : preset;
      const name = username === undefined ? own : username ?? undefined;
      if (rest.reset !== undefined) throw new Problem("invalid", "Nobody gets another's account by asking.");
      // Asked again after a crash, there is one invite all the same.
      const invite = await invites.create(actor, { ...rest, username: name }, `join request ${id}`);
      const decision = {
        state: "approved",
        reason: null,
        decided_by: actor.source,
        decided_at: clock(),
      } as const;
      const key = tokenKey(invite.token);
      if (await database.write((db) => decideJoinRequest(db, row.id, { ...decision, invite: key }))) {
        return { request: joinRequestFromRow({ ...row, ...decision }), invite };
      }
      const now = await findJoinRequest(database.db, row.host, row.token_key);
      const theirs = now && await findInviteOf(database.db, now);
      if (theirs?.token_key !== key) {
        await invites.revoke({ ...operator(row.host), source: actor.source }, invite.id); // nobody is to have it
      }
      throw decided();
    },

    async decline(actor, id, reason) {
      requireScope(actor, "requests:decide");
      const row = await byId(actor, id);
      const decision = {
        ...{ state: "declined" as const, reason: checkReason(reason) },
        ...{ decided_by: actor.source, decided_at: clock() },
      };
      if (await database.write((db) => decideJoinRequest(db, row.id, decision))) {
        return joinRequestFromRow({ ...row, ...decision });
      }
      throw decided();
    },

    async delete(actor, id) {
      requireScope(actor, "requests:decide");
      const row = await byId(actor, id);
      await database.write((db) => deleteJoinRequest(db, row.id));
    },

    async sweep() {
      const [before, limit] = [clock() - needs.retention, 100];
      await inPieces(async () =>
        await database.write((db) => forgetJoinRequests(db, before, limit)) === limit
      );
    },
  };
}

/** The shape of an approval's answer. */
export const approvalJson = ({ request, invite }: { request: JoinRequest; invite: Invite }) => ({
  request: joinRequestJson(request),
  invite: inviteJson(invite),
});

const decided = () =>
  new Problem(
    "conflict",
    "This request has been decided already, perhaps by somebody else. Show it to see how.",
  );

function tooOften(wait: number): Problem {
  const retryAfter = Math.ceil(wait / 1_000);
  const text = `There were too many requests from your address. Try again in ${retryAfter} s.`;
  return new Problem("too-many-requests", text, [], { retryAfter });
}
