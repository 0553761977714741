/** Rows by the reason for which they were rejected. */
export type RejectedReasons = Readonly<Record<string, number>>;

/** Reasons of one record: the text of a model may differ for every row. */
const MAX_REASONS = 10;

/** The most frequent reasons of both, by their number, then by name. */
export function mergeReasons(a: RejectedReasons = {}, b: RejectedReasons = {}): RejectedReasons {
  const rows = new Map(Object.entries(a));
  for (const [reason, count] of Object.entries(b))
    rows.set(reason, (rows.get(reason) ?? 0) + count);
  return Object.fromEntries(byFrequency([...rows]).slice(0, MAX_REASONS));
}

/** Reasons with their rows, the most frequent first. */
export function frequentReasons(reasons: RejectedReasons = {}): [reason: string, rows: number][] {
  return byFrequency(Object.entries(reasons));
}

function byFrequency(entries: [string, number][]): [string, number][] {
  return entries.toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
}
