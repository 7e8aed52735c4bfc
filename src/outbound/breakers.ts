import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
} from "cockatiel";
import { LRUCache } from "lru-cache";

/** Which origins are left alone. */
export interface Breakers {
  /** Notes how `work` went. Ask `isResting` first, in the same breath. */
  run<T>(origin: string, work: () => Promise<T>): Promise<T>;
  isResting(origin: string): boolean;
}

/** When an origin is left alone, and who is told. */
export interface BreakerNeeds {
  /** How many outages in a row open it. */
  readonly failures: number;
  /** How long it then stays open, ms. */
  readonly rest: number;
  /** Milliseconds that only ever go forward. */
  readonly clock: () => number;
  /** Whether what `work` resolved to shows a server in trouble. */
  readonly isOutage: (result: unknown) => boolean;
  /** Told when an origin begins to be left alone, and when it has recovered. */
  readonly onChange: (origin: string, isResting: boolean) => void;
}

/** A circuit breaker for each origin: closed, open, and after its rest half open for one try. */
export function createBreakers({ failures, rest, clock, isOutage, onChange }: BreakerNeeds): Breakers {
  const known = new LRUCache<string, { policy: CircuitBreakerPolicy; isResting: () => boolean }>({
    max: 1_000,
  });

  function make(origin: string) {
    const pause = createPause(rest, clock);
    // Failures come as results: an error that is not an outage would not reset cockatiel's count.
    const policy = circuitBreaker(handleWhenResult(isOutage), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: pause,
    });
    let told = false;
    policy.onBreak(() => {
      if (!told) onChange(origin, true);
      told = true;
    });
    policy.onReset(() => {
      told = false;
      onChange(origin, false);
    });
    const isResting = () =>
      policy.state === CircuitState.HalfOpen || // cockatiel would have us wait for the one try that is under way
      (policy.state === CircuitState.Open && !pause.isOver());
    return { policy, isResting };
  }

  return {
    run(origin, work) {
      const breaker = known.get(origin) ?? make(origin);
      known.set(origin, breaker);
      return breaker.policy.execute(work);
    },
    isResting: (origin) => known.get(origin)?.isResting() ?? false,
  };
}

/** A rest by our clock: cockatiel's own follows `Date.now`, and would last while that is set back. */
function createPause(rest: number, clock: () => number) {
  let end = 0;
  const pause = {
    isOver: () => clock() >= end,
    get duration() {
      return pause.isOver() ? -Infinity : Infinity;
    },
    next() {
      end = clock() + rest;
      return pause;
    },
  };
  return pause;
}
