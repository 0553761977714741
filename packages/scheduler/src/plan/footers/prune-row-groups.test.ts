import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  fileEtag,
  footerParser,
  inputReader,
  type Predicate,
  type PredicateValue,
  readFooter,
  Stores,
} from '@shardmill/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeBinder, sql, withFolder, writeParquet } from '../../testing/parquet.js';
import { columnSources, rowGroupFacts } from './file-facts.js';
import { type ColumnFacts, mayMatch, UNKNOWN } from './prune-row-groups.js';
import { type Bounds, decodeBounds } from './row-group-statistics.js';

type Operator = Extract<Predicate, { kind: 'compare' }>['op'];
const OPERATORS: Operator[] = ['=', '!=', '<', '<=', '>', '>='];

const compare = (op: Operator, value: PredicateValue, column = 'x'): Predicate => ({
  kind: 'compare',
  column,
  op,
  value,
});
const integer = (value: number | bigint): PredicateValue => ({
  type: 'integer',
  value: BigInt(value),
});
const number = (value: number): PredicateValue => ({ type: 'number', value });
const text = (value: string): PredicateValue => ({ type: 'text', value });
const may = (predicate: Predicate, facts: Partial<ColumnFacts>, rows = 10): boolean =>
  mayMatch(predicate, { rows, column: () => ({ ...UNKNOWN, ...facts }) });

const integers = (min: number | bigint, max: number | bigint): Bounds => ({
  kind: 'integer',
  min: BigInt(min),
  max: BigInt(max),
});
const floats = (min: number, max: number): Bounds => ({
  kind: 'float',
  min,
  max,
});

describe('ruling out', () => {
  it('decides integers at their bounds', () => {
    const facts = { bounds: integers(3, 7) };
    const decided = (value: number): string =>
      OPERATORS.filter((op) => may(compare(op, integer(value)), facts)).join(' ');
    expect(decided(2)).toBe('!= > >=');
    expect(decided(3)).toBe('= != <= > >=');
    expect(decided(5)).toBe('= != < <= > >=');
    expect(decided(7)).toBe('= != < <= >=');
    expect(decided(8)).toBe('!= < <=');
    expect(may(compare('!=', integer(4)), { bounds: integers(4, 4) })).toBe(false);
  });

  it('compares large integers without loss', () => {
    const facts = { bounds: integers(0n, 2n ** 53n) };
    expect(may(compare('>', integer(2n ** 53n)), facts)).toBe(false);
    expect(may(compare('=', integer(2n ** 53n + 1n)), facts)).toBe(false);
    expect(may(compare('>=', integer(2n ** 53n)), facts)).toBe(true);
  });

  it('never rules out by a maximum where NaN may be: it is greater than every number', () => {
    const facts = { bounds: floats(1, 2) };
    for (const op of ['>', '>=', '!='] as const) {
      expect(may(compare(op, number(1000)), facts)).toBe(true);
    }
    expect(may(compare('=', number(1000)), facts)).toBe(false);
    expect(may(compare('<', number(0.5)), facts)).toBe(false);
    expect(may(compare('!=', number(1)), { bounds: floats(1, 1) })).toBe(true);
  });

  it('takes -0 and 0 for equal', () => {
    expect(may(compare('=', number(-0)), { bounds: floats(0, 1) })).toBe(true);
    expect(may(compare('<=', number(0)), { bounds: floats(-0, 1) })).toBe(true);
    expect(may(compare('=', integer(0)), { bounds: floats(-0, -0) })).toBe(true);
  });

  it('allows for the rounding of a literal to the type of the column', () => {
    const decimal: Bounds = { kind: 'decimal', scale: 2, min: 2048n, max: 2048n };
    expect(may(compare('=', number(20.48)), { bounds: decimal })).toBe(true);
    expect(may(compare('=', number(20.49)), { bounds: decimal })).toBe(false);
    expect(may(compare('>', integer(20)), { bounds: decimal })).toBe(true);
    expect(may(compare('>', integer(21)), { bounds: decimal })).toBe(false);
  });

  it('knows that a comparison with null is never true', () => {
    expect(may(compare('!=', integer(1)), { nulls: 10 })).toBe(false);
    expect(may({ kind: 'is-null', column: 'x' }, { nulls: 0 })).toBe(false);
    expect(may({ kind: 'is-null', column: 'x' }, {})).toBe(true);
    expect(may({ kind: 'is-not-null', column: 'x' }, { nulls: 10 })).toBe(false);
    expect(may({ kind: 'is-not-null', column: 'x' }, { nulls: 9 })).toBe(true);
  });

  it('compares text by its bytes and mistrusts a maximum that may be cut', () => {
    const bounds = (maxExact: boolean): Bounds => ({
      kind: 'text',
      min: Buffer.from('b'),
      max: Buffer.from('dé'),
      minExact: true,
      maxExact,
    });
    expect(may(compare('=', text('dz')), { bounds: bounds(true) })).toBe(true);
    expect(may(compare('=', text('dü')), { bounds: bounds(true) })).toBe(false);
    expect(may(compare('=', text('déa')), { bounds: bounds(true) })).toBe(false);
    expect(may(compare('=', text('déa')), { bounds: bounds(false) })).toBe(true);
    expect(may(compare('<', text('b')), { bounds: bounds(true) })).toBe(false);
  });

  it('decides nothing for a constant of another kind', () => {
    for (const op of OPERATORS) {
      expect(may(compare(op, text('x')), { bounds: integers(1, 2) })).toBe(true);
      expect(may(compare(op, { type: 'bool', value: true }), { bounds: floats(1, 2) })).toBe(true);
    }
  });

  it('needs every term of and, one term of or', () => {
    const [yes, no] = [compare('>', integer(1)), compare('>', integer(100))];
    const facts = { bounds: integers(1, 9) };
    expect(may({ kind: 'and', terms: [yes, no] }, facts)).toBe(false);
    expect(may({ kind: 'or', terms: [yes, no] }, facts)).toBe(true);
    expect(may({ kind: 'or', terms: [no, { kind: 'unknown' }] }, facts)).toBe(true);
    expect(may({ kind: 'and', terms: [no, { kind: 'unknown' }] }, facts)).toBe(false);
  });

  it('keeps every row group with a matching row', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.double({ noDefaultInfinity: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(Number.NaN, -0, 0, Infinity, -Infinity),
    );
    const terms = fc.letrec<{ tree: Predicate; leaf: Predicate }>((tie) => ({
      leaf: fc.oneof(
        fc
          .tuple(
            fc.constantFrom(...OPERATORS),
            fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })),
          )
          .map(([op, v]) => compare(op, Number.isInteger(v) ? integer(v) : number(v))),
        fc.constant<Predicate>({ kind: 'is-null', column: 'x' }),
        fc.constant<Predicate>({ kind: 'is-not-null', column: 'x' }),
      ),
      tree: fc.oneof(
        { maxDepth: 3 },
        tie('leaf'),
        fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          terms: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
        }),
      ),
    })).tree;
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), terms, (rows, predicate) => {
        const real = rows.filter((v): v is number => v !== null && !Number.isNaN(v));
        const bounds = real.length === 0 ? undefined : floats(Math.min(...real), Math.max(...real));
        const facts = { nulls: rows.filter((v) => v === null).length, bounds };
        const matches = rows.some((row) => matchesRow(predicate, row));
        return !matches || may(predicate, facts, rows.length);
      }),
      { numRuns: 5000 },
    );
  });
});

/** DuckDB's comparison: null is never true, NaN equals itself and is greater than the rest. */
function matchesRow(predicate: Predicate, row: number | null): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.terms.every((term) => matchesRow(term, row));
    case 'or':
      return predicate.terms.some((term) => matchesRow(term, row));
    case 'is-null':
      return row === null;
    case 'is-not-null':
      return row !== null;
    case 'unknown':
      return true;
    case 'compare': {
      if (row === null) return false;
      if (predicate.value.type !== 'number' && predicate.value.type !== 'integer') return true;
      const constant = Number(predicate.value.value);
      const order = Number.isNaN(row) ? 1 : row < constant ? -1 : row > constant ? 1 : 0;
      return {
        '=': order === 0,
        '!=': order !== 0,
        '<': order < 0,
        '<=': order <= 0,
        '>': order > 0,
        '>=': order >= 0,
      }[predicate.op];
    }
    default: {
      const unknown: never = predicate;
      return unknown;
    }
  }
}

describe('bounds', () => {
  const raw = { nulls: 0, minExact: true, maxExact: true };
  const none = { min: undefined, max: undefined, oldMin: undefined, oldMax: undefined };
  const int32 = (value: number): Uint8Array => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  };

  it('takes deprecated fields only where their order is certain', () => {
    const old = { ...raw, ...none, oldMin: int32(-1), oldMax: int32(5) };
    expect(decodeBounds({ kind: 'integer', bytes: 4, signed: true }, old)).toEqual(integers(-1, 5));
    expect(decodeBounds({ kind: 'integer', bytes: 4, signed: false }, old)).toBeUndefined();
    expect(decodeBounds({ kind: 'text' }, old)).toBeUndefined();
  });

  it('rounds nanoseconds outward', () => {
    const nanos = (value: bigint): Uint8Array => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(value);
      return bytes;
    };
    const bounds = decodeBounds(
      { kind: 'timestamp', unit: 'nanos', zoned: false },
      { ...raw, ...none, min: nanos(-1n), max: nanos(1001n) },
    );
    expect(bounds?.min).toBeLessThanOrEqual(-1n);
    expect(bounds?.max).toBeGreaterThanOrEqual(2n);
  });

  it('drops what contradicts itself or has the wrong width', () => {
    const swapped = { ...raw, ...none, min: int32(5), max: int32(-1) };
    expect(decodeBounds({ kind: 'integer', bytes: 4, signed: true }, swapped)).toBeUndefined();
    const wide = { ...raw, ...none, min: int32(1), max: int32(2) };
    expect(decodeBounds({ kind: 'integer', bytes: 8, signed: true }, wide)).toBeUndefined();
  });

  it('never takes those of floats: of a page that begins with NaN some writers leave out all', () => {
    for (const bytes of [4, 8] as const) {
      const one = Buffer.alloc(bytes);
      if (bytes === 4) one.writeFloatLE(1);
      else one.writeDoubleLE(1);
      const current = { ...raw, ...none, min: one, max: one };
      const deprecated = { ...raw, ...none, oldMin: one, oldMax: one };
      expect(decodeBounds({ kind: 'float', bytes }, current)).toBeUndefined();
      expect(decodeBounds({ kind: 'float', bytes }, deprecated)).toBeUndefined();
    }
  });

  it('reads big-endian decimals of any width', () => {
    const bytes = {
      ...raw,
      ...none,
      min: Buffer.from('ff00', 'hex'),
      max: Buffer.from('0100', 'hex'),
    };
    expect(decodeBounds({ kind: 'decimal', bytes: 'any', scale: 1 }, bytes)).toEqual({
      kind: 'decimal',
      scale: 1,
      min: -256n,
      max: 256n,
    });
  });
});

describe('with files that DuckDB writes', () => {
  const day = (date: string): PredicateValue => ({
    type: 'date',
    days: Date.parse(date) / 86_400_000,
  });
  const time = (date: string): PredicateValue => ({
    type: 'timestamp',
    micros: BigInt(Date.parse(date)) * 1000n,
  });
  const CASES: [string, Predicate][] = [
    ['i8 > 20', compare('>', integer(20), 'i8')],
    ['i64 = 4500000000', compare('=', integer(4_500_000_000), 'i64')],
    ['i64 < 2500000000.5', compare('<', number(2_500_000_000.5), 'i64')],
    ['u32 >= 4294965000', compare('>=', integer(4_294_965_000), 'u32')],
    ['u64 > 18446744073709551000', compare('>', integer(18_446_744_073_709_551_000n), 'u64')],
    ['f32 = 0.1', compare('=', number(0.1), 'f32')],
    ['f32 < 0.7', compare('<', number(0.7), 'f32')],
    ['f64 > 1e300', compare('>', number(1e300), 'f64')],
    ['f64 < 3.0', compare('<', number(3), 'f64')],
    ['dec = 20.48', compare('=', number(20.48), 'dec')],
    ['dec < 5', compare('<', integer(5), 'dec')],
    ['big > 40000000000000000000', compare('>', integer(40_000_000_000_000_000_000n), 'big')],
    ["s = 'name2500'", compare('=', text('name2500'), 's')],
    ["s < 'name2'", compare('<', text('name2'), 's')],
    ["s > 'ü'", compare('>', text('ü'), 's')],
    ['b', compare('=', { type: 'bool', value: true }, 'b')],
    ["d >= DATE '1970-02-10'", compare('>=', day('1970-02-10'), 'd')],
    ["d < TIMESTAMP '1970-01-15 12:00:00'", compare('<', time('1970-01-15T12:00:00Z'), 'd')],
    ["t < TIMESTAMP '1970-01-01 00:40:00'", compare('<', time('1970-01-01T00:40:00Z'), 't')],
    ["t >= DATE '1970-01-02'", compare('>=', day('1970-01-02'), 't')],
    ["ms > TIMESTAMP '1970-01-01 01:00:00'", compare('>', time('1970-01-01T01:00:00Z'), 'ms')],
    ["ns > TIMESTAMP '1970-01-01 01:00:00'", compare('>', time('1970-01-01T01:00:00Z'), 'ns')],
    ["tz > TIMESTAMPTZ '1970-01-01 01:00:00+00'", compare('>', time('1970-01-01T01:00:00Z'), 'tz')],
    ['n IS NULL', { kind: 'is-null', column: 'n' }],
    ['n IS NOT NULL', { kind: 'is-not-null', column: 'n' }],
    ['n != 3', compare('!=', integer(3), 'n')],
  ];

  it('rules out no row group that DuckDB finds a row in, and most others', () =>
    withFolder(async (base) => {
      const file = path.join(base, 'a.parquet');
      await writeParquet(
        file,
        `SELECT (i // 200)::TINYINT AS i8, i * 1000000::BIGINT AS i64,
          (4294967295 - i)::UINTEGER AS u32, (18446744073709551615 - i)::UBIGINT AS u64,
          (0.1 + i // 2048)::FLOAT AS f32,
          CASE WHEN i = 3000 THEN 'nan'::DOUBLE ELSE i / 1000.0 END AS f64,
          (i / 100)::DECIMAL(18, 2) AS dec, (i::HUGEINT * 10000000000000000)::DECIMAL(38, 0) AS big,
          CASE WHEN i = 100 THEN 'übung' ELSE 'name' || i END AS s, i > 4096 AS b,
          DATE '1970-01-01' + (i // 100)::INTEGER AS d, make_timestamp(i * 1000000) AS t,
          make_timestamp(i * 1000000)::TIMESTAMP_MS AS ms, make_timestamp_ns(i * 1000000000) AS ns,
          make_timestamp(i * 1000000)::TIMESTAMPTZ AS tz,
          CASE WHEN i < 2048 THEN NULL WHEN i < 4096 THEN 3 ELSE i END AS n
        FROM range(6144) r(i)`,
        'ROW_GROUP_SIZE 2048',
      );
      const info = await stat(file, { bigint: true });
      const input = { uri: file, bytes: Number(info.size), etag: fileEtag(info) };
      const layout = await fakeBinder(() => ({})).describeInput(input);
      const names = layout.map(({ name }) => name);
      const footer = await readFooter(
        inputReader(new Stores()),
        input,
        footerParser({ used: [], predicate: names }),
      );
      const sources = columnSources(names, footer.schema, {
        canonical: layout,
        layout,
        partitionColumns: [],
      });
      let [ruledOut, empty] = [0, 0];
      for (const [where, predicate] of CASES) {
        const counted = await sql(
          `SET TimeZone = 'UTC'; SELECT file_row_number // 2048 AS g, count(*) FILTER (${where}) AS n
           FROM read_parquet('${file}', file_row_number = true) GROUP BY g ORDER BY g`,
        );
        for (const [index, rowGroup] of footer.rowGroups.entries()) {
          const found = Number(counted[index]?.['n']);
          const kept = mayMatch(predicate, rowGroupFacts(rowGroup, sources, []));
          expect(kept || found === 0, `${where} in row group ${index}: ${found} rows`).toBe(true);
          if (found === 0) empty++;
          if (!kept) ruledOut++;
        }
      }
      expect(empty).toBeGreaterThan(25);
      expect(ruledOut).toBeGreaterThan(0.8 * empty);
    }));
});
