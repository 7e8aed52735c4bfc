import { type Actor, requireScope } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import { sha256, tokenKey } from "../core/token.ts";
import {
  boundName,
  type Details,
  inviteId,
  listedFromRow,
  type ListedInvite,
  never,
  stateOf,
} from "./invite.ts";
import type { InviteNeeds } from "./invites.ts";
import { findByTokenOrId } from "./lookup.ts";
import { checkLife, checkNames, checkNote, checkUses } from "./request.ts";
import { findInvite, type InviteRow, updateInvite } from "./store.ts";

/** What to change; what is not given stays. */
export interface ChangeRequest {
  readonly paused?: boolean | undefined;
  /** `null` takes it away. */
  readonly note?: string | null | undefined;
  /** From now on, milliseconds; `Infinity`: it does not expire. */
  readonly ttl?: number | undefined;
  /** Instead of `ttl`: when it ends, milliseconds since 1970; `null`: never. */
  readonly expires_at?: number | null | undefined;
  /** `null`: without limit. */
  readonly max_uses?: number | null | undefined;
}

/**
 * Changes an invite by token or id. How long and how often it may be used is for whoever might make one like it; its
 * link is for who has it, or may read invites.
 * @param ifMatch the versions that it may have now, as `versionOf` says them; `*`: any
 * @throws Problem `not-allowed`, `not-found`, `invalid`, `precondition-failed`, or `conflict` once it has ended
 */
export type ChangeInvite = (
  actor: Actor,
  tokenOrId: string,
  request: ChangeRequest,
  ifMatch?: readonly string[],
) => Promise<ListedInvite>;

/** Equal for equal answers about an invite. */
export const versionOf = ({ token: _, uri: _uri, landing_page: _page, ...invite }: ListedInvite): string =>
  sha256(JSON.stringify(invite)).slice(0, 16);

export function createChange({ database, hosts, openToken, clock, ttl: ttls }: InviteNeeds): ChangeInvite {
  return async (actor, tokenOrId, request, ifMatch) => {
    requireScope(actor, "invites:revoke");
    const grants = request.ttl !== undefined || request.expires_at !== undefined ||
      request.max_uses !== undefined;
    const host = hosts.byDomain(actor.host).domain;
    const { token_key } = await findByTokenOrId(database.db, host, tokenOrId);
    const mayRead = actor.scopes.includes("invites:read");
    const see = (row: InviteRow) => {
      const token = token_key === tokenKey(tokenOrId) ? tokenOrId : mayRead ? openToken(row) : undefined;
      return listedFromRow(row, token, hosts, clock());
    };
    return await database.write(async (db) => {
      const now = clock();
      const row = await findInvite(db, host, token_key);
      if (!row) throw new Problem("not-found", "There is no invite with this token or id on this host.");
      if (ifMatch && !ifMatch.includes("*") && !ifMatch.includes(versionOf(see(row)))) {
        throw new Problem("precondition-failed", "This invite was changed since you read it. Read it again.");
      }
      const state = stateOf(row, now);
      if (state !== "pending" && state !== "paused") {
        throw new Problem("conflict", `The invite ${inviteId(token_key)} is ${state}. Make a new one.`);
      }
      const details: Details = JSON.parse(row.details);
      if (grants) requireGrantable(actor, row, details);
      const expires_at = endOf(request, now) ?? row.expires_at;
      if (expires_at !== row.expires_at) {
        if (expires_at <= now) throw invalid("/expires_at", "This is in the past. DELETE ends an invite.");
        const life = expires_at >= never ? Infinity : expires_at - row.created_at;
        checkLife(life, row.type === "reset", actor.limits, ttls);
      }
      const max_uses = request.max_uses === undefined ? row.max_uses : request.max_uses;
      if (max_uses !== row.max_uses) {
        const isForOne = row.type === "reset" || boundName(row) !== null;
        checkUses(max_uses, isForOne, actor.limits);
        if (max_uses !== null && max_uses <= row.uses) {
          throw invalid("/max_uses", `It was used ${row.uses} times already. DELETE ends an invite.`);
        }
      }
      const change = {
        paused: request.paused === undefined ? row.paused : Number(request.paused),
        details: JSON.stringify(withNote(details, request.note)),
        ...{ expires_at, max_uses },
      };
      await updateInvite(db, row.id, change);
      return see({ ...row, ...change });
    });
  };
}

const invalid = (at: string, reason: string) => new Problem("invalid", reason, [{ at, reason }]);

/** Who makes an invite live longer gives out what it carries. */
function requireGrantable(actor: Actor, row: InviteRow, { roles = [], groups = [] }: Details): void {
  requireScope(actor, row.type === "reset" ? "invites:reset" : "invites:create");
  checkNames("roles", roles, actor.limits.roles);
  checkNames("groups", groups, actor.limits.groups);
}

function endOf({ ttl, expires_at }: ChangeRequest, now: number): number | undefined {
  if (ttl === undefined) return expires_at === null ? never : expires_at && Math.min(expires_at, never);
  if (expires_at !== undefined) throw invalid("/ttl", "Give ttl or expires_at, not both.");
  return Math.min(now + ttl, never);
}

function withNote({ note: before, ...details }: Details, note: string | null | undefined): Details {
  if (note === undefined) return { ...details, ...(before !== undefined && { note: before }) };
  checkNote(note ?? undefined);
  return { ...details, ...(note !== null && { note }) };
}
