/** Why a call to somebody else's server brought nothing. */
export type OutboundFailure =
  | "timeout"
  | "unreachable"
  | "status"
  | "redirect"
  | "too-large"
  | "not-json"
  | "refused"
  | "resting";

/**
 * A call that failed. The message is one sentence for a log, with the origin and the path that were called and
 * never a query, a name, a password or a bearer. It has no `cause`: what fetch throws names the whole address.
 */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
  /** What the server answered, when it answered at all. */
  readonly status?: number;
  /** How long the server asks to be left alone, ms (RFC 9110, 10.2.3; seconds only, no dates). */
  readonly retryAfter?: number;

  constructor(
    readonly kind: OutboundFailure,
    message: string,
    { status, retryAfter }: { status?: number; retryAfter?: number | undefined } = {},
  ) {
    super(message);
    if (status !== undefined) this.status = status;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }

  /** Whether the same call may well succeed a little later. */
  get isPassing(): boolean {
    return this.isOutage || this.status === 429;
  }

  /** Whether it shows a server in trouble; any other answer, right or wrong, comes from one that is alive. */
  get isOutage(): boolean {
    return this.kind === "timeout" || this.kind === "unreachable" ||
      (this.kind === "status" && (this.status ?? 0) >= 500);
  }
}
