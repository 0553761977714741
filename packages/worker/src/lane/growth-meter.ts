/**
 * Measures by how much the resident memory of the process grows from now on. The highest point
 * counts, also where what was taken is given back at once: the system keeps it, but only of the
 * whole life of the process, so that a lower one than before is not seen.
 * @returns tells the growth so far, in bytes.
 */
export function startGrowthMeter(): () => number {
  const before = process.memoryUsage.rss();
  const highestBefore = highestBytes();
  return () => {
    const highest = highestBytes();
    const now = process.memoryUsage.rss();
    return Math.max(0, highest > highestBefore ? highest - before : 0, now - before);
  };
}

function highestBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
