/** What has come in and nobody has taken yet, and those who wait for more. */
export interface Inbox<T> {
  /** Something came in: it goes to the one who has waited longest for its like, or is kept. */
  deliver(item: T): void;
  /** Nothing more will come: whoever waits, or asks for what is not there, is told why. */
  close(why: Error): void;
  /**
   * Takes the first that fits, waiting for it if need be.
   * @throws Error if `timeout` ms go by, or the inbox is closed
   */
  next(fits: (item: T) => boolean, timeout: number): Promise<T>;
  /** Takes all that is kept, in the order in which it came. */
  takeAll(): T[];
}

/** An empty inbox; `show` is how messages name what lies in it. */
export function createInbox<T>(show: (item: T) => string): Inbox<T> {
  const kept: T[] = [];
  const waiting = new Set<Waiter<T>>();
  let closed: Error | undefined;

  return {
    deliver(item) {
      const waiter = [...waiting].find(({ fits }) => fits(item));
      if (waiter) waiter.take(item);
      else kept.push(item);
    },
    close(why) {
      closed ??= why;
      for (const { fail } of [...waiting]) fail(closed);
    },
    takeAll: () => kept.splice(0),
    next(fits, timeout) {
      const at = kept.findIndex(fits);
      if (at >= 0) return Promise.resolve(kept.splice(at, 1)[0] as T);
      if (closed) return Promise.reject(closed);
      return new Promise((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer);
          waiting.delete(waiter);
        };
        const waiter: Waiter<T> = {
          fits,
          take: (item) => (leave(), resolve(item)),
          fail: (why) => (leave(), reject(why)),
        };
        const late = () =>
          new Error(`Nothing that fits came in ${timeout} ms, but: ${kept.map(show).join(" ")}`);
        const timer = setTimeout(() => waiter.fail(late()), timeout);
        waiting.add(waiter);
      });
    },
  };
}

interface Waiter<T> {
  readonly fits: (item: T) => boolean;
  readonly take: (item: T) => void;
  readonly fail: (why: Error) => void;
}
