/** What of a run could be in the queue of its pool now. */
export interface WindowDemand {
  readonly run: string;
  /** 0 to 100; the greater goes first. */
  readonly priority: number;
  /** Shards that are neither done nor failed. */
  readonly open: number;
}

/**
 * How many shards of each run are kept in the queue of a pool: those of the highest priority have
 * as many as they can use, evenly shared, then those of the next. Each run has one at least, so
 * that none depends on the end of another.
 * @param size shards of the pool in the queue, about; more where there are more runs.
 */
export function shareWindow(
  size: number,
  demands: readonly WindowDemand[],
): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  const priorities = new Set(demands.map(({ priority }) => priority));
  let left = size;
  for (const priority of [...priorities].toSorted((a, b) => b - a)) {
    const group = demands.filter((demand) => demand.priority === priority);
    // The smallest first: what they do not need is shared by the others.
    group.sort((a, b) => a.open - b.open || (a.run < b.run ? -1 : 1));
    for (const [index, { run, open }] of group.entries()) {
      const fair = Math.floor(left / (group.length - index));
      const share = Math.min(open, Math.max(1, fair));
      shares.set(run, share);
      left = Math.max(0, left - share);
    }
  }
  return shares;
}
