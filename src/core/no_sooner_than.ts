/**
 * Does `work`, and tells of its failure no sooner than `ms` after `began`, so that how long it took says nothing of
 * why it failed. What succeeds is told at once.
 * @param began by `performance.now()`
 */
export async function noSoonerThan<T>(began: number, ms: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    for (let left = ms; (left = began + ms - performance.now()) > 0;) {
      await new Promise((resolve) => setTimeout(resolve, left));
    }
    throw error;
  }
}
