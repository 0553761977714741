import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ChunkStatistics, rewriteStatistics } from '@shardmill/test-kit/parquet';
import fc from 'fast-check';
import parquet from 'parquetjs-lite';
import type { Workplace } from './workplace.js';

/** Distinct rows of a row group. */
const DISTINCT = 8;
/** Rows of a row group; DuckDB writes none of fewer. */
export const GROUP_ROWS: Readonly<Record<Writer, number>> = {
  DuckDB: 2048,
  'parquetjs-lite': DISTINCT,
};
/** Values of a page whose bounds may be lost. */
const PAGE = 3;

const WRITERS = ['DuckDB', 'parquetjs-lite'] as const;
type Writer = (typeof WRITERS)[number];

const BOUNDS = [
  /** DuckDB writes no bounds of floats for a row group with NaN. */
  'as written',
  'none',
  /** Pyarrow and polars write them like this. */
  'without NaN',
  /** They are in the fields that were replaced in 2017. */
  'deprecated, without NaN',
  /** parquet-mr before 1.10 wrote them like this. */
  'without pages that begin with NaN',
  'texts cut to a byte',
] as const;

/** A dataset of floats that are hard for statistics. */
export interface NanSample {
  readonly writer: Writer;
  readonly bounds: (typeof BOUNDS)[number];
  /** Eight rows for each row group; DuckDB writes each of them 256 times. */
  readonly groups: readonly (readonly SampleRow[])[];
}

interface SampleRow {
  readonly x: number | null;
  readonly i: number | null;
}

const numbers = [Infinity, -Infinity, 0, -0, 1, -1, 1.5, 2, 30, 40, -1e9, 1e30, 0.1];

/** Few different numbers: the closer the bounds, the more there is to be wrong. */
const rowGroups: fc.Arbitrary<SampleRow[]> = fc
  .subarray(numbers, { minLength: 1, maxLength: 3 })
  .chain((some) =>
    fc.array(
      fc.record({
        x: fc.constantFrom(...some, Number.NaN, Number.NaN, null),
        i: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 8 }),
      }),
      { minLength: DISTINCT, maxLength: DISTINCT },
    ),
  );

export const nanSamples: fc.Arbitrary<NanSample> = fc.record({
  writer: fc.constantFrom(...WRITERS),
  bounds: fc.constantFrom(...BOUNDS),
  groups: fc
    .array(rowGroups, { minLength: 1, maxLength: 3 })
    // Whole numbers of another range in each row group, so that some are ruled out.
    .map((groups) =>
      groups.map((rows, g) => rows.map(({ x, i }) => ({ x, i: i === null ? null : i + 4 * g }))),
    ),
});

/**
 * Writes a sample below `data/`, row groups by turns into `p=nan/` and `p=7/`, and the same rows
 * into the table `expected`, in which no statistics of a file are known.
 */
export async function writeSample(place: Workplace, sample: NanSample): Promise<void> {
  const duckdb = sample.writer === 'DuckDB';
  const copies = GROUP_ROWS[sample.writer] / DISTINCT;
  const values = sample.groups.flatMap((rows, g) =>
    rows.map(({ x, i }, row) => `(${g}, ${row}, ${sqlNumber(x)}, ${i ?? 'NULL'}::INTEGER)`),
  );
  await place.sql(`CREATE OR REPLACE TABLE expected AS
    SELECT (g * ${DISTINCT} + row) * ${copies} + copy AS id, x, x::FLOAT AS f, i,
      if(x IS NULL, NULL, {'a': x, 'deep': {'b': x::FLOAT}}) AS s, x::VARCHAR AS t,
      ${duckdb ? "[x] AS l, DATE '2026-01-01' + i AS d, i::DECIMAL(9, 2) AS dec," : ''}
      if(g % 2 = 0, 'nan', '7') AS p
    FROM (VALUES ${values.join(', ')}) v(g, row, x, i), range(${copies}) c(copy) ORDER BY id`);
  for (const [turn, folder] of ['p=nan', 'p=7'].entries()) {
    const groups = sample.groups.filter((_, g) => g % 2 === turn);
    if (groups.length === 0) continue;
    const file = duckdb
      ? await place.writeParquet(
          `data/${folder}/a.parquet`,
          `SELECT * EXCLUDE (p) FROM expected WHERE p = '${folder.slice(2)}' ORDER BY id`,
          `ROW_GROUP_SIZE ${GROUP_ROWS[sample.writer]}`,
        )
      : await writeByParquetjs(place, folder, sample);
    await setStatistics(file, sample.bounds, groups);
  }
}

function sqlNumber(x: number | null): string {
  return x === null ? 'NULL::DOUBLE' : `'${Object.is(x, -0) ? '-0.0' : x}'::DOUBLE`;
}

/** Stands for NaN, which parquetjs-lite refuses to write, until the file is written. */
const STAND_IN = 0.753_124_987;

/** With pages of three rows, uncompressed. */
async function writeByParquetjs(
  place: Workplace,
  folder: string,
  { groups }: NanSample,
): Promise<string> {
  const file = place.path('data', folder, 'a.parquet');
  await mkdir(path.dirname(file), { recursive: true });
  const [DOUBLE, FLOAT] = (['DOUBLE', 'FLOAT'] as const).map((type) => ({ type, optional: true }));
  if (DOUBLE === undefined || FLOAT === undefined) throw new Error('unreachable');
  const schema = new parquet.ParquetSchema({
    id: { type: 'INT64' },
    x: DOUBLE,
    f: FLOAT,
    i: { type: 'INT32', optional: true },
    s: { optional: true, fields: { a: DOUBLE, deep: { optional: true, fields: { b: FLOAT } } } },
    t: { type: 'UTF8', optional: true },
  });
  const writer = await parquet.ParquetWriter.openFile(schema, file, {
    rowGroupSize: GROUP_ROWS['parquetjs-lite'],
    pageSize: PAGE,
  });
  const texts = new Map(
    (await place.sql('SELECT id, t FROM expected')).map((row) => [row['id'], row['t']]),
  );
  for (const [g, rows] of groups.entries()) {
    if (`p=${g % 2 === 0 ? 'nan' : '7'}` !== folder) continue;
    for (const [row, { x, i }] of rows.entries()) {
      const id = g * DISTINCT + row;
      const value = Number.isNaN(x) ? STAND_IN : x;
      await writer.appendRow({
        id,
        ...(i !== null && { i }),
        ...(x !== null && {
          x: value,
          f: value,
          s: { a: value, deep: { b: value } },
          t: texts.get(id),
        }),
      });
    }
  }
  await writer.close();
  const bytes = await readFile(file);
  for (const encode of [single, double]) {
    const nan = encode(Number.NaN);
    for (let at = 0; (at = bytes.indexOf(encode(STAND_IN), at)) >= 0; ) nan.copy(bytes, at);
  }
  await writeFile(file, bytes);
  return file;
}

async function setStatistics(
  file: string,
  bounds: NanSample['bounds'],
  groups: NanSample['groups'],
): Promise<void> {
  if (bounds === 'as written') return;
  await rewriteStatistics(file, (column, rowGroup) => {
    if (bounds === 'none') return 'none';
    const values = (groups[rowGroup] ?? []).flatMap(({ x }) => x ?? []);
    if (bounds === 'texts cut to a byte') return column === 't' ? cutTexts(values) : 'keep';
    const encode = FLOAT_LEAVES[column];
    if (encode === undefined) return 'keep';
    const [min, max] = bounds.endsWith('without NaN') ? boundsOf(values) : oldBoundsOf(values);
    if (min === undefined || max === undefined) return 'keep';
    return { min: encode(min), max: encode(max), deprecated: bounds !== 'without NaN' };
  });
}

const single = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};
const FLOAT_LEAVES: Readonly<Record<string, (value: number) => Buffer>> = {
  x: double,
  f: single,
  's.a': double,
  's.deep.b': single,
  'l.list.element': double,
};

/** Bounds as the format asks for them: zero as -0 and 0, since either may be meant. */
function boundsOf(values: readonly number[]): [number | undefined, number | undefined] {
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (numbers.length === 0) return [undefined, undefined];
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  return [min === 0 ? -0 : min, max === 0 ? 0 : max];
}

/** Comparisons with NaN are false, within a page and between the bounds of pages. */
function oldBoundsOf(values: readonly number[]): [number | undefined, number | undefined] {
  const pages = Array.from({ length: Math.ceil(values.length / PAGE) }, (_, page) =>
    values.slice(page * PAGE, (page + 1) * PAGE),
  );
  const fold = (items: readonly number[], pick: (a: number, b: number) => boolean) =>
    items.reduce<number | undefined>(
      (best, item) => (best === undefined || pick(item, best) ? item : best),
      undefined,
    );
  const over = (pick: (a: number, b: number) => boolean): number | undefined =>
    fold(
      pages.flatMap((page) => fold(page, pick) ?? []),
      pick,
    );
  return [over((a, b) => a < b), over((a, b) => a > b)];
}

/** The first byte of the least, and one more than that of the greatest. */
function cutTexts(values: readonly number[]): ChunkStatistics | 'keep' {
  const bytes = values.map((value) => Buffer.from(textOf(value))[0] ?? 0);
  if (bytes.length === 0) return 'keep';
  return {
    min: Buffer.of(Math.min(...bytes)),
    max: Buffer.of(Math.max(...bytes) + 1),
    exact: false,
  };
}

/** Begins as DuckDB's text of the number does. */
function textOf(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}
