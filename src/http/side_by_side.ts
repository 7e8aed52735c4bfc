/** How much may be under way. */
export interface Most {
  readonly count: number;
  /** Sum of sizes after which nothing more is taken. */
  readonly size: number;
}

// While there is always something to run the runtime looks at its sockets once in 61 turns: Prosody would wait for
// 300 ms. With nothing to do, if only for a moment, it looks at once.
// Shorter stretches would answer Prosody sooner yet, and cost a fifth of the rate.
const longestStretch = 50_000; // bytes of items, about 10 ms
const eachItem = 800; // bytes that would cost as much as an item does whatever its size
const rest = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

/**
 * Works on items side by side and answers in their order, each as soon as it and all before it are done. Takes no
 * more items while `most` are unanswered: who does not read the answers is not read either. Once it has ended, for
 * whatever reason, nothing is under way.
 * @param work must not fail
 */
export async function* sideBySide<Item extends { readonly size: number }, Answer>(
  items: AsyncIterator<Item>,
  work: (item: Item) => Promise<Answer>,
  most: Most,
): AsyncGenerator<Answer, void> {
  interface Job {
    readonly size: number;
    readonly ended: Promise<void>;
    answer?: { readonly is: Answer };
  }
  const begin = ({ size }: Item, working: Promise<Answer>): Job => {
    const job: Job = { size, ended: working.then((is) => void (job.answer = { is })) };
    return job;
  };
  const jobs: Job[] = [];
  let [held, more, stretch] = [0, true, 0];
  let next: Promise<IteratorResult<Item>> | undefined;
  try {
    for (;;) {
      for (let first = jobs[0]; first?.answer; first = jobs[0]) {
        jobs.shift();
        held -= first.size;
        yield first.answer.is;
      }
      if (!more && jobs.length === 0) return;
      if (more && jobs.length < most.count && held < most.size) next ??= items.next();
      const came = await Promise.race([...(next ? [next] : []), ...(jobs[0] ? [jobs[0].ended] : [])]);
      if (!came) continue;
      next = undefined;
      if (came.done) more = false;
      else {
        held += came.value.size;
        jobs.push(begin(came.value, work(came.value)));
        stretch += eachItem + came.value.size;
        if (stretch >= longestStretch) {
          stretch = 0;
          await Promise.all(jobs.map(({ ended }) => ended));
          await rest();
        }
      }
    }
  } finally {
    await Promise.all(jobs.map(({ ended }) => ended));
    await items.return?.();
  }
}
