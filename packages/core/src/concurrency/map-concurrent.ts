/**
 * `work` for every item, at most `limit` at a time; results in the items' order. After the first
 * failure no further item is begun.
 */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let failed = false;
  // One iterator is shared by all loops: each takes the next item that no other has taken.
  const queue = items.entries();
  const loop = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, loop));
  return results;
}
