const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

/** Does something again and again until told to stop: what was acknowledged. */
export function again<T>(act: (i: number) => Promise<T | undefined>) {
  const done: T[] = [];
  let on = true;
  const loop = (async () => {
    for (let i = 0; on; i++) {
      const what = await act(i);
      if (what !== undefined) done.push(what);
      else await pause();
    }
  })();
  loop.catch(() => {}); // told when it is stopped
  return { done, stop: () => (on = false, loop) };
}
