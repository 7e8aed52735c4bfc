import { Problem } from "../core/problem.ts";
import type { InviteRequest } from "../invites/request.ts";

/** So many invites that are all alike. */
export interface BulkRequest {
  readonly count: number;
  readonly label?: string | undefined;
  readonly invite: InviteRequest;
}

const invalid = (at: string, reason: string) => new Problem("invalid", reason, [{ at, reason }]);

/** @throws Problem `invalid` */
export function checkCount(count: number, most: number): number {
  if (Number.isSafeInteger(count) && count >= 1 && count <= most) return count;
  throw invalid("/count", `count is a whole number from 1 to ${most}.`);
}

/** As it is kept. @throws Problem `invalid` */
export function checkLabel(label: string | undefined): string | null {
  if (label === undefined || /^[^\p{Cc}\p{Cs}]{1,200}$/u.test(label)) return label ?? null;
  throw invalid("/label", "A label has 1 to 200 characters and no control characters.");
}

/** What is for one person cannot be handed to many. @throws Problem `invalid` */
export function requireMany(request: InviteRequest): InviteRequest {
  const one = request.username !== undefined ? "username" : request.reset !== undefined ? "reset" : undefined;
  if (one === undefined) return request;
  throw isForOne(one);
}

/** The failure of a request whose member makes it one for a single person. */
export const isForOne = (member: string): Problem =>
  invalid(`/${member}`, `An invite with this ${member} is for one person: make it on its own.`);
