import { formatCount, formatValue } from './format.js';
import type { Style } from './style.js';
import { table } from './text-layout.js';

/** What is known of a column's values: exact points, or quantiles between the extremes. */
export interface Distribution {
  readonly min: number;
  readonly max: number;
  /** The 10 % … 90 % quantiles. */
  readonly deciles: readonly number[];
  /** Values with counts, in order; better than the deciles where present. */
  readonly points?: readonly { readonly value: number; readonly count: number }[] | undefined;
}

/** A bin holds values from `from` up to the next bin's `from`; the last one also its end. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  /** The share of all finite values, 0 to 1. */
  readonly share: number;
}

/**
 * Bins of equal width with round bounds, from the smallest to the largest value. From
 * points the shares are those of the values; from quantiles each tenth of the values is spread
 * evenly over its interval, which is an estimate.
 * @param most about how many bins there are.
 */
export function equalWidthBins(distribution: Distribution, most = 10): Bin[] {
  const { min, max, points } = distribution;
  if (max <= min) return [{ from: min, to: max, share: 1 }];
  const { first, step, count } = roundBounds(min, max, most);
  const edges = Array.from({ length: count + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  const shares = Array.from({ length: count }, () => 0);
  const binOf = (value: number): number =>
    Math.min(
      count - 1,
      Math.max(
        0,
        edges.findLastIndex((edge) => edge <= value),
      ),
    );
  const add = (bin: number, share: number): void => {
    shares[bin] = (shares[bin] ?? 0) + share;
  };
  if (points !== undefined && points.length > 0) {
    const all = points.reduce((sum, point) => sum + point.count, 0);
    for (const { value, count: n } of points) add(binOf(value), n / all);
  } else {
    spreadQuantiles([min, ...distribution.deciles, max], edges, binOf, add);
  }
  return shares.map((share, i) => ({ from: edges[i] ?? min, to: edges[i + 1] ?? max, share }));
}

/** Each interval between neighbouring quantiles holds the same mass. */
function spreadQuantiles(
  bounds: readonly number[],
  edges: readonly number[],
  binOf: (value: number) => number,
  add: (bin: number, share: number) => void,
): void {
  const mass = 1 / (bounds.length - 1);
  for (let i = 1; i < bounds.length; i++) {
    const low = bounds[i - 1] ?? 0;
    const high = bounds[i] ?? 0;
    if (high <= low) add(binOf(low), mass);
    else {
      for (let bin = binOf(low); bin <= binOf(high); bin++) {
        const from = Math.max(low, edges[bin] ?? low);
        const to = Math.min(high, edges[bin + 1] ?? high);
        if (to > from) add(bin, (mass * (to - from)) / (high - low));
      }
    }
  }
}

/**
 * A step of 1, 2 or 5 times a power of ten that makes `most` bins, or one more, or down to half of
 * them; `first` counts steps.
 */
function roundBounds(
  min: number,
  max: number,
  most: number,
): { first: number; step: number; count: number } {
  const power = 10 ** Math.floor(Math.log10((max - min) / most));
  const factor = [1, 2, 5, 10].find((f) => (max - min) / (f * power) <= most) ?? 10;
  // A power below 1 is not exact: divide by its inverse, which is.
  const step = power < 1 ? factor / Math.round(1 / power) : factor * power;
  const first = Math.floor(Number((min / step).toPrecision(12)));
  const last = Math.ceil(Number((max / step).toPrecision(12)));
  return { first, step, count: Math.max(1, last - first) };
}

/** A line per bin: its bounds, a bar, its share. */
export function histogramLines(bins: readonly Bin[], style: Style, barCells = 32): string[] {
  const largest = Math.max(...bins.map((bin) => bin.share));
  const step = bins.length > 1 ? (bins[0]?.to ?? 0) - (bins[0]?.from ?? 0) : 0;
  return table(
    bins.map(({ from, to, share }) => [
      `${formatEdge(from, step)} – ${formatEdge(to, step)}`,
      `${style.colors.cyan(bar(share / largest, barCells))} ${formatShare(share)}`,
    ]),
    ['right'],
    4,
  );
}

/**
 * A line for each of two values, as of a label of 0 and 1: the value, a bar, its share, its count.
 * @param points in order; undefined is returned where they are not two.
 */
export function twoValuesLines(
  { min, max, points }: Distribution,
  style: Style,
  barCells = 32,
): string[] | undefined {
  const [low, high] = points ?? [];
  if (low === undefined || high === undefined || points?.length !== 2) return undefined;
  // The points are near the values, and the extremes are the values.
  const counts: [value: number, count: number][] = [
    [min, low.count],
    [max, high.count],
  ];
  const all = low.count + high.count;
  const largest = Math.max(low.count, high.count);
  return table(
    counts.map(([value, count]) => [
      formatValue(value),
      `${style.colors.cyan(bar(count / largest, barCells))} ${formatShare(count / all)}  ${style.colors.dim(formatCount(count))}`,
    ]),
    ['right'],
    4,
  );
}

/** The same in one line, a character per bin: `▇▅▃▂▁▁▁▂▂▁`. An empty bin is a space. */
export function sparkline(bins: readonly Bin[]): string {
  const largest = Math.max(...bins.map((bin) => bin.share));
  return bins
    .map(({ share }) =>
      share <= 0 ? ' ' : '▁▂▃▄▅▆▇█'.charAt(Math.ceil((share / largest) * 8) - 1),
    )
    .join('');
}

/** A bar of up to `cells` cells in steps of an eighth; what is not zero is never invisible. */
function bar(fraction: number, cells: number): string {
  const eighths = fraction <= 0 ? 0 : Math.max(1, Math.round(fraction * cells * 8));
  const rest = eighths % 8;
  return '█'.repeat(Math.floor(eighths / 8)) + (rest === 0 ? '' : '▏▎▍▌▋▊▉'.charAt(rest - 1));
}

function formatShare(share: number): string {
  if (share === 0) return '';
  const percent = share * 100;
  return percent < 0.1 ? '<0.1%' : `${percent.toFixed(percent < 10 ? 1 : 0)}%`;
}

/** Formats an edge with as many decimals as distinguish neighbouring edges. */
function formatEdge(edge: number, step: number): string {
  if (step <= 0) return formatValue(edge);
  const decimals = Math.max(0, -Math.floor(Math.log10(step * 1.000001)));
  if (decimals > 6 || Math.abs(edge) >= 1e4) return formatValue(edge);
  return edge.toFixed(decimals);
}
