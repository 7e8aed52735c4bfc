import {
  DelegateBackoff,
  ExponentialBackoff,
  handleWhenResult,
  type IBackoffFactory,
  retry,
} from "cockatiel";
import { createBreakers } from "./breakers.ts";
import { type Call, type CallOptions, nameOf, prepareCall } from "./call.ts";
import { type Answer, exchange, type Fetch } from "./exchange.ts";
import { OutboundError } from "./outbound_error.ts";

/** What a GET may ask for. */
export interface GetOptions extends CallOptions {
  /** What was answered with the document we have; sent as `If-None-Match` (RFC 9110, 13.1.2). */
  readonly etag?: string | undefined;
  /** `application/json` if not given. */
  readonly accept?: string | undefined;
}

/** A document, or word that the one we have is still good. */
export type Fetched =
  | { readonly kind: "fresh"; readonly value: unknown; readonly etag?: string }
  | { readonly kind: "unchanged" };

/** How other people's HTTP servers are called. A name and password in a URL are sent as RFC 7617 has it. */
export interface Outbound {
  /** GETs a JSON document. @throws OutboundError */
  getJson(url: string, options: GetOptions): Promise<Fetched>;
  /**
   * POSTs a JSON document, and answers with the answer's, or `undefined` where that is empty. The server may
   * see the request once for each try.
   * @throws OutboundError
   */
  postJson(url: string, body: unknown, options: CallOptions): Promise<unknown>;
  /** Whether the origin of this URL is being left alone just now, because it failed too often. */
  isResting(url: string): boolean;
}

/** Each that is not given has a default; all but `log` are there for tests and for settings. */
export interface OutboundNeeds {
  /** LogTape's, or what looks like it. */
  readonly log: Record<"info" | "warn", (message: string, properties: Record<string, unknown>) => void>;
  readonly fetch?: Fetch;
  /** Milliseconds that only ever go forward; `performance.now` outside of tests. */
  readonly clock?: () => number;
  /** How often a call is tried at most, unless it says so itself; 3. */
  readonly tries?: number;
  /** About how long to wait before the second try, and the longest wait that is ever made, ms; 200 and 5,000. */
  readonly backoff?: { readonly first: number; readonly max: number };
  /** How many outages in a row let an origin rest, and for how long, ms; 5 and 10,000. */
  readonly breaker?: { readonly failures: number; readonly rest: number };
}

type Outcome = { readonly answer: Answer } | { readonly error: OutboundError };

/** Holds what is known of each origin: one for the whole program. */
export function createOutbound({
  log,
  fetch = globalThis.fetch,
  clock = () => performance.now(),
  tries: usualTries = 3,
  backoff = { first: 200, max: 5_000 },
  breaker = { failures: 5, rest: 10_000 },
}: OutboundNeeds): Outbound {
  const breakers = createBreakers({
    ...breaker,
    clock,
    isOutage: (outcome) => errorOf(outcome)?.isOutage ?? false,
    onChange: (origin, isResting) =>
      isResting
        ? log.warn("A server fails again and again; it is left alone for a while", { origin, ...breaker })
        : log.info("A server that had failed answers again", { origin }),
  });

  /** One try that never throws: an error as a value is what both of cockatiel's policies can weigh. */
  async function attempt(call: Call): Promise<Outcome> {
    try {
      return { answer: await exchange(fetch, call) };
    } catch (error) {
      if (error instanceof OutboundError) return { error };
      throw error;
    }
  }

  async function send(
    call: Call,
    { tries = usualTries, within = Infinity }: Pick<CallOptions, "tries" | "within">,
  ): Promise<Answer> {
    const { origin } = call.url;
    const start = clock();
    const left = () => start + within - clock();
    const mayTryAgain = (outcome: unknown) => {
      const error = errorOf(outcome);
      // A try that is given little time would say nothing of the server.
      return error !== undefined && error.isPassing && (error.retryAfter ?? 0) <= backoff.max &&
        left() - (error.retryAfter ?? 0) >= within / 2 && !breakers.isResting(origin);
    };
    let last: Outcome | undefined;
    const tryOnce = async (): Promise<Outcome> => {
      if (breakers.isResting(origin)) {
        const message = `${nameOf(call)} was not called: its server failed too often.`;
        return { error: new OutboundError("resting", message) };
      }
      const timeout = Math.min(call.timeout, Math.ceil(left()));
      if (last && timeout <= 0) return last;
      return last = await breakers.run(origin, () => attempt({ ...call, timeout }));
    };
    const policy = retry(handleWhenResult(mayTryAgain), { maxAttempts: tries - 1, backoff: waits(backoff) });
    const outcome = await policy.execute(tryOnce);
    if ("error" in outcome) throw outcome.error;
    return outcome.answer;
  }

  return {
    async getJson(url, { accept = "application/json", etag: known, ...options }) {
      const call = prepareCall("GET", url, { accept, "if-none-match": known }, options);
      const { status, etag, value } = await send(call, options);
      if (status === 304) return { kind: "unchanged" };
      if (value === undefined) {
        throw new OutboundError("not-json", `${nameOf(call)} answered with nothing.`, { status });
      }
      return { kind: "fresh", value, ...(etag !== undefined && { etag }) };
    },

    async postJson(url, body, options) {
      const headers = { accept: "application/json", "content-type": "application/json" };
      const call = prepareCall("POST", url, headers, options, JSON.stringify(body));
      return (await send(call, options)).value;
    },

    isResting: (url) => breakers.isResting(URL.parse(url)?.origin ?? ""),
  };
}

/** Exponential, with jitter so that many do not come back at once; longer where the server asks for it. */
function waits({ first, max }: { first: number; max: number }): IBackoffFactory<{ result: unknown }> {
  const exponential = new ExponentialBackoff({ initialDelay: first, maxDelay: max });
  return new DelegateBackoff<{ result: unknown }, ReturnType<typeof exponential.next>>((context, before) => {
    const state = (before ?? exponential).next(context);
    const asked = errorOf((context.result as { value?: unknown }).value)?.retryAfter ?? 0;
    return { delay: Math.max(state.duration, asked), state };
  });
}

function errorOf(outcome: unknown): OutboundError | undefined {
  return (outcome as { error?: OutboundError }).error;
}
