/**
 * Measures by how much the resident memory of the process grows from now on. The peak counts, also
 * where what was taken is given back at once: the system keeps the peak, but only over the whole
 * life of the process, so that a peak below an earlier one is not seen.
 * @returns a function that returns the growth so far, in bytes.
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
