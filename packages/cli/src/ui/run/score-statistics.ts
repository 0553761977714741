import type { Manifest } from '@shardmill/core';
import { equalWidthBins, histogramLines, sparkline, twoValuesLines } from '../text/histogram.js';
import { formatCount, formatValue } from '../text/format.js';
import type { Style } from '../text/style.js';
import { table, wrapText } from '../text/text-layout.js';

/** Statistics of one numeric output column, as the manifest has them. */
interface NumericStatistics {
  readonly column: string;
  readonly count: number;
  readonly nulls: number;
  readonly nan: number;
  readonly infinite: number;
  /** Bounds and mean of the finite values. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deciles: readonly number[];
  readonly points: readonly { readonly value: number; readonly count: number }[] | undefined;
}

/** Up to this many columns have a histogram of ten lines; more have a line each. */
const LARGE_HISTOGRAMS = 2;
/** More columns than this are not shown at all. */
const MAX_COLUMNS = 12;

/**
 * How the numeric outputs are distributed: a histogram each, or a line each where there are many.
 * @param columns those to show; all numeric ones if undefined.
 */
export function scoreStatisticsLines(
  statistics: Manifest['statistics'],
  columns: readonly string[] | undefined,
  style: Style,
): string[] {
  const found = numericStatistics(statistics);
  const chosen = columns === undefined ? found : found.filter((s) => columns.includes(s.column));
  const without = columnsWithoutFinite(statistics, columns, style);
  if (chosen.length > LARGE_HISTOGRAMS) return [...manyLines(chosen, style), ...without];
  const lines = chosen.flatMap((s) => {
    const facts = [
      `mean ${formatValue(s.mean)}`,
      ...(s.deciles[4] === undefined ? [] : [`median ${formatValue(s.deciles[4])}`]),
      `from ${formatValue(s.min)} to ${formatValue(s.max)}`,
      ...gapsOf(s),
      ...(s.points === undefined ? ['bars from the deciles'] : []),
    ];
    const head = headLine(s.column, facts, style);
    if (s.max <= s.min) return ['', head];
    return ['', head, ...(twoValuesLines(s, style) ?? histogramLines(equalWidthBins(s), style))];
  });
  return [...lines, ...without];
}

function headLine(column: string, facts: readonly string[], { colors, width }: Style): string {
  const text = `${colors.bold(column)}  ${colors.dim(facts.join(', '))}`;
  return `  ${wrapText(text, width, FACTS_INDENT, 2)}`;
}

const FACTS_INDENT = 6;

/** Numeric columns in which every value is null, NaN or infinite: there is nothing to draw. */
function columnsWithoutFinite(
  statistics: Manifest['statistics'],
  columns: readonly string[] | undefined,
  style: Style,
): string[] {
  return Object.entries(statistics).flatMap(([column, { min, count, nulls, nan, infinite }]) => {
    const shown = columns === undefined || columns.includes(column);
    if (!shown || min !== null || numberOr0(count) === 0) return [];
    const gaps = gapsOf({
      nulls: numberOr0(nulls),
      nan: numberOr0(nan),
      infinite: numberOr0(infinite),
    });
    return ['', headLine(column, ['no finite value', ...gaps], style)];
  });
}

function manyLines(all: readonly NumericStatistics[], style: Style): string[] {
  const { dim, bold, cyan } = style.colors;
  const rows = all
    .slice(0, MAX_COLUMNS)
    .map((s) => [
      bold(s.column),
      formatValue(s.min),
      cyan(s.max > s.min ? sparkline(equalWidthBins(s)) : '█'),
      formatValue(s.max),
      dim([`mean ${formatValue(s.mean)}`, ...gapsOf(s)].join(', ')),
    ]);
  const more = all.length - MAX_COLUMNS;
  return [
    '',
    ...table(rows, ['left', 'right']),
    ...(more > 0 ? [dim(`  and ${formatCount(more)} more in the manifest`)] : []),
  ];
}

function gapsOf({
  nulls,
  nan,
  infinite,
}: Pick<NumericStatistics, 'nulls' | 'nan' | 'infinite'>): string[] {
  return [
    ...(nulls > 0 ? [`${formatCount(nulls)} null`] : []),
    ...(nan > 0 ? [`${formatCount(nan)} NaN`] : []),
    ...(infinite > 0 ? [`${formatCount(infinite)} infinite`] : []),
  ];
}

function numericStatistics(statistics: Manifest['statistics']): NumericStatistics[] {
  return Object.entries(statistics).flatMap(([column, fields]) => {
    const { min, max, mean, deciles, points } = fields;
    if (typeof min !== 'number' || typeof max !== 'number' || typeof mean !== 'number') return [];
    return [
      {
        column,
        count: numberOr0(fields['count']),
        nulls: numberOr0(fields['nulls']),
        nan: numberOr0(fields['nan']),
        infinite: numberOr0(fields['infinite']),
        min,
        max,
        mean,
        deciles: Array.isArray(deciles) ? deciles.filter((d) => typeof d === 'number') : [],
        points: Array.isArray(points) ? points.flatMap(pointOf) : undefined,
      },
    ];
  });
}

function pointOf(point: unknown): { value: number; count: number }[] {
  const value: unknown = Reflect.get(Object(point), 'value');
  const count: unknown = Reflect.get(Object(point), 'count');
  return typeof value === 'number' && typeof count === 'number' ? [{ value, count }] : [];
}

const numberOr0 = (value: unknown): number => (typeof value === 'number' ? value : 0);
