const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234,567`, in every language of the machine. */
export function formatCount(n: number): string {
  return grouped.format(n);
}
