/** A part that has begun and is not finished. */
export interface UnfinishedPart {
  /** Rows that are planned. */
  readonly rows: number;
  /** Rows scored or rejected so far; rows that were filtered are not known before the end. */
  readonly done: number;
  /** Milliseconds. */
  readonly begunAt: number;
}

/**
 * How long it will take to finish a part, in milliseconds, judged by the parts of its run that were
 * finished before, else by its own rows so far. Infinity where nothing is known.
 * @param msPerRow from beginning to end of a part, others beside it included.
 */
export function remainingMs(
  part: UnfinishedPart,
  msPerRow: number | undefined,
  now: number,
): number {
  const elapsed = now - part.begunAt;
  if (msPerRow !== undefined) {
    const usual = part.rows * msPerRow;
    // One that is slower than usual is given a quarter more.
    return elapsed < usual ? usual - elapsed : elapsed / 4;
  }
  if (part.done === 0) return Number.POSITIVE_INFINITY;
  // Writing comes after the last row.
  return (elapsed * Math.max(0, part.rows - part.done) * 1.25) / part.done + 500;
}
