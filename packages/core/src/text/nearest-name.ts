/**
 * The known names nearest to `name`, best first, at most `limit`, by Damerau-Levenshtein distance
 * without regard to case; names further away than a third of their length are not proposed.
 */
export function nearestNames(name: string, known: readonly string[], limit = 3): string[] {
  const wanted = name.toLowerCase();
  return known
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const contains = lower.includes(wanted) || wanted.includes(lower);
      const distance = editDistance(wanted, lower);
      return { candidate, distance: contains ? Math.min(distance, 1) : distance };
    })
    .filter(
      ({ candidate, distance }) =>
        distance <= Math.max(1, Math.ceil(Math.max(candidate.length, name.length) / 3)),
    )
    .toSorted((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** ` Did you mean "a" or "b"?`, or a list of what there is, or nothing. */
export function suggestion(name: string, known: readonly string[], what = 'There is'): string {
  const near = nearestNames(name, known);
  if (near.length > 0) return ` Did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`;
  if (known.length === 0) return '';
  const shown = known.slice(0, 12).map((n) => `"${n}"`);
  const more = known.length > shown.length ? `, and ${known.length - shown.length} more` : '';
  return ` ${what}: ${shown.join(', ')}${more}.`;
}

/** Optimal string alignment distance (insert, delete, replace, swap of neighbours). */
function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = 0; i <= a.length; i++) table[i * width] = i;
  for (let j = 0; j <= b.length; j++) table[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, at(i - 2, j - 2) + 1);
      }
      table[i * width + j] = best;
    }
  }
  return at(a.length, b.length);
}
