/**
 * `1,234,567`, in every language of the machine. By hand: to make a formatter of `Intl` takes longer than to load all
 * of this package.
 */
export function formatCount(n: number): string {
  return n.toFixed(0).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A part of a whole in percent, in two digits: `4.8%`, `0.012%`, `100%`; near the whole in four. */
export function formatShare(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return `${Number(percent.toPrecision(percent > 99 ? 4 : 2))}%`;
}
