import { Problem } from "./problem.ts";

/** What a key may be allowed to do. `invites:reset` stands apart: a reset link is an account handed over; `data:secrets` too. */
export const scopes = [
  "invites:create",
  "invites:reset",
  "invites:read",
  "invites:revoke",
  "templates:write",
  "requests:read",
  "requests:decide",
  "rosters:read",
  "rosters:write",
  "groups:read",
  "groups:write",
  "data:read",
  "data:write",
  "data:secrets",
  "webhooks:admin",
  "people:read",
  "people:erase",
] as const;
export type Scope = typeof scopes[number];

/** What an actor may put into the invites it makes; `undefined` means no limit. */
export interface Limits {
  /** Prosody role names that its invites may carry. */
  readonly roles?: readonly string[] | undefined;
  /** Group ids that its invites may carry. */
  readonly groups?: readonly string[] | undefined;
  /** Longest life of an invite, in seconds. */
  readonly ttl?: number | undefined;
  /** Most uses of one invite. */
  readonly uses?: number | undefined;
  /** Most invites a day. `null`: without end, for users of the host who have a quota otherwise, such as admins. */
  readonly quota?: number | null | undefined;
}

/** Who is asking, for one host. */
export interface Actor {
  /** Kept as the source of what it makes: `api/token/ID`, `cli`, or a bare JID. */
  readonly source: string;
  readonly host: string;
  readonly scopes: readonly string[];
  readonly limits: Limits;
}

/** The admin at the command line: everything, on one host. */
export const operator = (host: string): Actor => ({ source: "cli", host, scopes, limits: {} });

/** @throws Problem `not-allowed` unless the actor holds the scope */
export function requireScope(actor: Pick<Actor, "scopes">, scope: Scope): void {
  if (!actor.scopes.includes(scope)) {
    throw new Problem("not-allowed", `This needs the scope ${scope}, which the key does not have.`);
  }
}
