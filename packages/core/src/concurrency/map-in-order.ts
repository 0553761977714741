/**
 * `work` for every item as it comes, at most `limit` at a time; results in the items' order. No
 * more than `limit` results are held for whoever takes them.
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // A failure is seen where the result is taken, in its turn.
    result.catch(() => {});
    begun.push(result);
    const first = begun.length < limit ? undefined : begun.shift();
    if (first !== undefined) yield await first;
  }
  for (const result of begun) yield await result;
}
