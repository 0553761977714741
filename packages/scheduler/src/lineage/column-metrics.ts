import type { Manifest } from '@shardmill/core';

type Metrics = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** The statistics of output columns as OpenLineage's data quality metrics have them. */
export function columnMetrics(statistics: Manifest['statistics']): Record<string, Metrics> {
  return Object.fromEntries(
    Object.entries(statistics).map(([name, { count, nulls, min, max, deciles }]) => [
      name,
      {
        ...numbers({ count: valuesOf(count, nulls), nullCount: nulls, min, max }),
        ...(isNumbers(deciles) && deciles.length === 9 && { quantiles: quantilesOf(deciles) }),
      },
    ]),
  );
}

const valuesOf = (count: unknown, nulls: unknown): number | undefined =>
  typeof count === 'number' && typeof nulls === 'number' ? count - nulls : undefined;

const numbers = (values: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      typeof value === 'number' ? [[key, value]] : [],
    ),
  );

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number');

const quantilesOf = (deciles: readonly number[]): Record<string, number> =>
  Object.fromEntries(deciles.map((value, index) => [`0.${index + 1}`, value]));
