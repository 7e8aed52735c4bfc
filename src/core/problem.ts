/**
 * The one table of failures. Each edge renders a row in its own tongue: HTTP as problem+json (RFC 9457),
 * the control channel as a stanza error (RFC 6120, 8.3), the command line as a message and an exit code.
 */
export const problems = {
  "bad-request": {
    status: 400,
    title: "The request could not be understood",
    stanza: ["modify", "bad-request"],
  },
  "not-authenticated": {
    status: 401,
    title: "A login or a valid key is needed",
    stanza: ["auth", "not-authorized"],
  },
  "not-allowed": { status: 403, title: "You may not do this", stanza: ["auth", "forbidden"] },
  "form-stale": {
    status: 403,
    title: "This form was not opened here just now",
    stanza: ["auth", "forbidden"],
  },
  "not-found": { status: 404, title: "There is no such thing here", stanza: ["cancel", "item-not-found"] },
  "unknown-host": {
    status: 404,
    title: "This host is not served here",
    stanza: ["cancel", "item-not-found"],
  },
  "method-not-allowed": {
    status: 405,
    title: "This address does not take that method",
    stanza: ["cancel", "feature-not-implemented"],
  },
  "conflict": {
    status: 409,
    title: "This clashes with something that exists",
    stanza: ["cancel", "conflict"],
  },
  "username-taken": { status: 409, title: "This username is taken", stanza: ["cancel", "conflict"] },
  "username-reserved": { status: 409, title: "This username is reserved", stanza: ["cancel", "conflict"] },
  "invite-unknown": { status: 404, title: "This invite is not known", stanza: ["cancel", "item-not-found"] },
  "invite-spent": { status: 410, title: "This invite can no longer be used", stanza: ["cancel", "gone"] },
  "invite-paused": { status: 403, title: "This invite is paused", stanza: ["cancel", "not-allowed"] },
  "invite-mismatch": {
    status: 403,
    title: "This invite is meant for something else",
    stanza: ["cancel", "not-allowed"],
  },
  "registration-refused": {
    status: 403,
    title: "The server does not take this registration",
    stanza: ["cancel", "not-allowed"],
  },
  "not-acceptable": {
    status: 406,
    title: "This is not to be had in that form",
    stanza: ["modify", "not-acceptable"],
  },
  "precondition-failed": {
    status: 412,
    title: "This has been changed since you read it",
    stanza: ["cancel", "conflict"],
  },
  "kept-elsewhere": {
    status: 409,
    title: "This is decided somewhere else",
    stanza: ["cancel", "not-allowed"],
  },
  "too-large": { status: 413, title: "This is too large", stanza: ["modify", "policy-violation"] },
  "unsupported-media-type": {
    status: 415,
    title: "This content type is not understood",
    stanza: ["modify", "not-acceptable"],
  },
  "invalid": { status: 422, title: "Some values are not valid", stanza: ["modify", "not-acceptable"] },
  "idempotency-mismatch": {
    status: 422,
    title: "This Idempotency-Key belongs to another request",
    stanza: ["modify", "not-acceptable"],
  },
  "too-many-requests": {
    status: 429,
    title: "This has been tried too often",
    stanza: ["wait", "policy-violation"],
  },
  "not-implemented": {
    status: 501,
    title: "This is not offered here",
    stanza: ["cancel", "feature-not-implemented"],
  },
  "store-unavailable": {
    status: 503,
    title: "This cannot be done just now",
    stanza: ["wait", "internal-server-error"],
  },
  "in-doubt": {
    status: 503,
    title: "Whether this was done is not known",
    stanza: ["wait", "internal-server-error"],
  },
  "internal": { status: 500, title: "Something went wrong here", stanza: ["wait", "internal-server-error"] },
} as const satisfies Record<string, { status: number; title: string; stanza: readonly [string, string] }>;

export type ProblemCode = keyof typeof problems;

/** One wrong value in a request: where it stands (a JSON pointer or a parameter's name) and why it is refused. */
export interface Fault {
  readonly at: string;
  readonly reason: string;
}

/** "You can't": thrown by the rules, rendered once by the edge that the request came in by. */
export class Problem extends Error {
  override readonly name = "Problem";

  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfter: number | undefined;

  /** @param detail one sentence for the person who asked: what is wrong and what to do next */
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly faults: readonly Fault[] = [],
    { retryAfter }: { retryAfter?: number } = {},
  ) {
    super(detail);
    this.retryAfter = retryAfter;
  }
}
