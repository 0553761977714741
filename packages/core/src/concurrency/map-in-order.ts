/**
 * `work` for every item as it comes, at most `limit` at a time; results in the items' order. No
 * more than `limit` results wait for the consumer.
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // A failure is thrown where the result is awaited, in its order.
    result.catch(() => {});
    begun.push(result);
    const first = begun.length < limit ? undefined : begun.shift();
    if (first !== undefined) yield await first;
  }
  for (const result of begun) yield await result;
}
