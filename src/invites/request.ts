import type { Limits } from "../core/actor.ts";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { Details, InviteType } from "./invite.ts";

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
  /** A preset that fills in what is not given; it has been looked up before anything is checked. */
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

/** How long invites live, milliseconds. */
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
  if (register && contact === undefined) throw invalid("/register", "register goes with contact.");
  const local = kind && normaliseLocal(kind[1] ?? "");
  if (kind && local === undefined) {
    throw invalid(`/${kind[0]}`, "This cannot be a username. Give the part before the @.");
  }

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
    throw invalid("/max_uses", "An invite for one username, or for a new password, can be used once.");
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
