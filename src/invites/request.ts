import type { Limits } from "../core/actor.ts";
import { sayDuration } from "../core/duration.ts";
import { normaliseLocal, parseBareJid } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { bareJid, type Details, type InviteType } from "./invite.ts";

/** What to make. At most one of `username`, `contact` and `reset`; none: an account of any name. */
export interface InviteRequest {
  readonly username?: string | undefined;
  readonly contact?: string | undefined;
  /** With `contact`: may also register an account. */
  readonly register?: boolean | undefined;
  /** With `contact`: the bare JID, or the domain, that alone may accept. */
  readonly for?: string | undefined;
  readonly reset?: string | undefined;
  /** Milliseconds; `Infinity`: it does not expire. */
  readonly ttl?: number | undefined;
  /** `null`: without limit. */
  readonly max_uses?: number | null | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly note?: string | undefined;
  /** A template that fills in what is not given; it has been looked up before anything is checked. */
  readonly template?: string | undefined;
}

/** A request that has been checked: what a row is made of. */
export interface Wanted {
  readonly type: InviteType;
  readonly username?: string | undefined;
  readonly register: boolean;
  readonly for?: string | undefined;
  readonly ttl: number;
  readonly max_uses: number | null;
  readonly details: Details;
}

/** How long invites live, milliseconds; `max` is `Infinity` where some need not expire. */
export interface Lifetimes {
  readonly invite: number;
  readonly reset: number;
  readonly max: number;
}

/**
 * Fills in defaults and checks every member, against sense and against what the actor may grant.
 * @throws Problem `invalid`, with the member's JSON pointer, or `not-allowed`
 */
export function checkRequest(request: InviteRequest, limits: Limits, ttls: Lifetimes): Wanted {
  const invalid = (at: string, reason: string) => new Problem("invalid", reason, [{ at, reason }]);
  const { username, contact, reset, register = false, roles = [], groups = [], note } = request;
  const kinds = Object.entries({ username, contact, reset }).filter(([, value]) => value !== undefined);
  const [kind, other] = kinds;
  if (other) throw invalid(`/${other[0]}`, "Give one of username, contact and reset, not several.");
  if (register && contact === undefined) {
    throw invalid("/register", "This goes with a contact only: say whose contact one becomes.");
  }
  const local = kind && normaliseLocal(kind[1] ?? "");
  if (kind && local === undefined) {
    throw invalid(`/${kind[0]}`, "This cannot be a username. Give the part before the @.");
  }

  const whom = request.for === undefined ? undefined : parseBareJid(request.for);
  if (request.for !== undefined && !whom) {
    throw invalid("/for", "Give a JID such as ann@example.org, or a domain.");
  }
  if (whom && contact === undefined) {
    throw invalid("/for", "This goes with a contact only: say whose contact one becomes.");
  }

  const ttl = request.ttl ??
    Math.min(reset === undefined ? ttls.invite : ttls.reset, (limits.ttl ?? Infinity) * 1000);
  checkLife(ttl, reset !== undefined, limits, ttls);
  const max_uses = request.max_uses === undefined ? 1 : request.max_uses;
  const isForOne = username !== undefined || reset !== undefined || (register && whom?.local !== undefined);
  checkUses(max_uses, isForOne, limits);
  if ((roles.length > 0 || groups.length > 0) && reset !== undefined) {
    throw invalid(
      roles.length > 0 ? "/roles" : "/groups",
      "A password reset carries neither roles nor groups.",
    );
  }
  checkNames("roles", roles, limits.roles);
  checkNames("groups", groups, limits.groups);
  checkNote(note);
  return {
    type: contact !== undefined ? "contact" : reset !== undefined ? "reset" : "account",
    username: local,
    register,
    ...(whom && { for: bareJid(whom.local, whom.domain) }),
    ttl,
    max_uses,
    details: {
      ...(roles.length && { roles }),
      ...(groups.length && { groups }),
      ...(note !== undefined && { note }),
    },
  };
}

const longestReset = 366 * 86_400_000; // ms: whoever finds the link then has the account

/**
 * Whether an invite may live that long, ms in all, from its making on.
 * @throws Problem `invalid`, `not-allowed`
 */
export function checkLife(ttl: number, isReset: boolean, limits: Limits, ttls: Lifetimes): void {
  const invalid = (reason: string) => new Problem("invalid", reason, [{ at: "/ttl", reason }]);
  if (!(ttl >= 1000)) throw invalid("An invite lives for a second at least.");
  const max = isReset ? Math.min(ttls.max, longestReset) : ttls.max;
  if (ttl > max) {
    const what = isReset ? "A password reset" : "An invite";
    throw invalid(`${what} lives for ${sayDuration(max)} at most.`);
  }
  if (limits.ttl !== undefined && ttl > limits.ttl * 1000) {
    throw new Problem(
      "not-allowed",
      `You may make invites that live for ${sayDuration(limits.ttl * 1000)} at most.`,
    );
  }
}

/**
 * Whether an invite may be used that often; `isForOne`: it is for one username, or for a password.
 * @throws Problem `invalid`, `not-allowed`
 */
export function checkUses(max_uses: number | null, isForOne: boolean, limits: Limits): void {
  const invalid = (reason: string) => new Problem("invalid", reason, [{ at: "/max_uses", reason }]);
  if (max_uses !== null && (!Number.isSafeInteger(max_uses) || max_uses < 1 || max_uses > 1_000_000)) {
    throw invalid("max_uses is a whole number from 1 to 1000000, or null: without limit.");
  }
  if (max_uses !== 1 && isForOne) {
    throw invalid("An invite for one username, or for a new password, can be used once.");
  }
  if (limits.uses !== undefined && (max_uses === null || max_uses > limits.uses)) {
    throw new Problem("not-allowed", `You may make invites of ${limits.uses} uses at most.`);
  }
}

/** @throws Problem `invalid` */
export function checkNote(note: string | undefined): void {
  if (note === undefined || (note.length <= 1000 && note.isWellFormed())) return;
  const reason = "A note has 1000 characters at most.";
  throw new Problem("invalid", reason, [{ at: "/note", reason }]);
}

/** @throws Problem `invalid`, `not-allowed` */
export function checkNames(
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
        `You may not make invites with ${JSON.stringify(name)} among the ${what}.`,
      );
    }
  });
}
