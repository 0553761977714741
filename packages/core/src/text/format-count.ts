/**
 * `1,234,567`, in every language of the machine. By hand: to make a formatter of `Intl` takes longer than to load all
 * of this package.
 */
export function formatCount(n: number): string {
  return n.toFixed(0).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
