import {
  bigEndian,
  type ChunkSpec,
  int96,
  parquetBytes,
  type SchemaNode,
  type Value,
} from '@shardmill/test-kit/parquet-file';
import { type CorpusEntry, type Right, testCorpus } from './corpus.js';

/** Types of which the meaning is in an annotation: the older kind, the newer, or both. */

type Node = Omit<SchemaNode, 'name'>;

function entry(
  name: string,
  node: Node,
  values: readonly (Value | null)[],
  right: Right | readonly unknown[],
  chunk: Partial<ChunkSpec> = {},
): CorpusEntry {
  const file = parquetBytes({
    columns: [{ name: 'x', ...node }],
    chunks: [{ values, ...chunk }],
  });
  return { name, file, right: isValues(right) ? { values: right } : right };
}

const isValues = (right: Right | readonly unknown[]): right is readonly unknown[] =>
  Array.isArray(right);

const unsupported = (message: RegExp): Right => ({ code: 'INPUT_UNSUPPORTED', message });
const typed = (type: string, values: readonly unknown[]): Right => ({ type, values });
const noticed = (values: readonly unknown[], ...notices: RegExp[]): Right => ({ values, notices });

const point = Buffer.from('010100000000000000000000400000000000000840', 'hex');
const POINT = { type: 'Point', coordinates: [2, 3] };

testCorpus([
  entry('int32', { type: 'int32' }, [1, null, -3], typed('INTEGER', [1, null, -3])),
  entry('int64', { type: 'int64' }, [2n ** 53n + 1n], typed('BIGINT', ['9007199254740993'])),
  entry('float', { type: 'float' }, [1.5, NaN, -0], typed('FLOAT', [1.5, NaN, -0])),
  entry(
    'double',
    { type: 'double' },
    [0.1, null, -Infinity],
    typed('DOUBLE', [0.1, null, -Infinity]),
  ),
  entry('boolean', { type: 'boolean' }, [true, null, false], typed('BOOLEAN', [true, null, false])),
  entry('bytes', { type: 'byteArray' }, [Buffer.of(0, 255)], typed('BLOB', ['0x00ff'])),
  entry(
    'fixed bytes',
    { type: 'fixed', length: 3 },
    [Buffer.of(1, 2, 3)],
    typed('BLOB', ['0x010203']),
  ),

  entry(
    'UTF8',
    { type: 'byteArray', converted: 'utf8' },
    ['ü', null],
    typed('VARCHAR', ['ü', null]),
  ),
  entry(
    'STRING alone',
    { type: 'byteArray', logical: 'string' },
    ['ü', null, ''],
    typed('VARCHAR', ['ü', null, '']),
  ),
  entry(
    'STRING and UTF8',
    { type: 'byteArray', logical: 'string', converted: 'utf8' },
    ['ü'],
    typed('VARCHAR', ['ü']),
  ),
  entry(
    'ENUM',
    { type: 'byteArray', converted: 'enum' },
    ['a', null],
    typed('VARCHAR', ['a', null]),
  ),
  entry(
    'ENUM alone',
    { type: 'byteArray', logical: 'enum' },
    ['a', null],
    typed('VARCHAR', ['a', null]),
  ),
  entry(
    'JSON alone',
    { type: 'byteArray', logical: 'json' },
    ['{"a":1}'],
    typed('VARCHAR', ['{"a":1}']),
  ),
  entry(
    'BSON, which DuckDB refuses with its whole file',
    { type: 'byteArray', converted: 'bson' },
    [Buffer.of(5, 0)],
    unsupported(/converted type/),
  ),
  entry(
    'UUID',
    { type: 'fixed', length: 16, logical: 'uuid' },
    [Buffer.alloc(16, 0x1a)],
    ['1a1a1a1a-1a1a-1a1a-1a1a-1a1a1a1a1a1a'],
  ),
  entry(
    'FLOAT16',
    { type: 'fixed', length: 2, logical: 'float16' },
    [Buffer.of(0, 0x3e)],
    typed('FLOAT', [1.5]),
  ),
  entry(
    'only nulls, of the type null',
    { type: 'int32', logical: 'null' },
    [null, null],
    [null, null],
  ),

  ...([8, 16, 32] as const).flatMap((bits) => [
    entry(`int${bits}`, { type: 'int32', converted: `int${bits}` }, [-5, 7], [-5, 7]),
    entry(
      `INT(${bits}) alone`,
      { type: 'int32', logical: { int: bits, signed: true } },
      [-5],
      [-5],
    ),
    entry(`uint${bits}`, { type: 'int32', converted: `uint${bits}` }, [200], [200]),
    entry(
      `UINT(${bits}) alone`,
      { type: 'int32', logical: { int: bits, signed: false } },
      [200, null],
      [200, null],
    ),
  ]),
  entry(
    'uint32, upper half',
    { type: 'int32', converted: 'uint32' },
    [-1, 5],
    typed('UINTEGER', [4294967295, 5]),
  ),
  entry(
    'UINT(32) alone, upper half',
    { type: 'int32', logical: { int: 32, signed: false } },
    [-1, 5, null],
    typed('UINTEGER', [4294967295, 5, null]),
  ),
  entry(
    'uint64, upper half',
    { type: 'int64', converted: 'uint64' },
    [-1n, 5n],
    typed('UBIGINT', ['18446744073709551615', 5]),
  ),
  entry(
    'UINT(64) alone, upper half',
    { type: 'int64', logical: { int: 64, signed: false } },
    [-1n, 5n],
    typed('UBIGINT', ['18446744073709551615', 5]),
  ),

  entry(
    'decimal in int32',
    { type: 'int32', converted: 'decimal', precision: 5, scale: 2 },
    [150, -1],
    typed('DECIMAL(5,2)', [1.5, -0.01]),
  ),
  entry(
    'DECIMAL alone in int32',
    { type: 'int32', logical: { decimal: { precision: 5, scale: 2 } } },
    [150, null, -1],
    typed('DECIMAL(5,2)', [1.5, null, -0.01]),
  ),
  entry(
    'DECIMAL alone in int64',
    { type: 'int64', logical: { decimal: { precision: 18, scale: 18 } } },
    [1n, -(10n ** 17n)],
    typed('DECIMAL(18,18)', [1e-18, -0.1]),
  ),
  entry(
    'DECIMAL alone, without a scale',
    { type: 'int64', logical: { decimal: { precision: 10, scale: 0 } } },
    [42n],
    typed('DECIMAL(10,0)', [42]),
  ),
  entry(
    'decimal in bytes',
    { type: 'byteArray', converted: 'decimal', precision: 10, scale: 2 },
    [bigEndian(-150n, 3)],
    typed('DECIMAL(10,2)', [-1.5]),
  ),
  entry(
    'decimal in fixed bytes',
    { type: 'fixed', length: 5, converted: 'decimal', precision: 10, scale: 2 },
    [bigEndian(-150n, 5)],
    typed('DECIMAL(10,2)', [-1.5]),
  ),
  entry(
    'decimal of 38 digits in more bytes than it needs',
    { type: 'fixed', length: 20, converted: 'decimal', precision: 38, scale: 2 },
    [bigEndian(150n, 20)],
    typed('DECIMAL(38,2)', [1.5]),
  ),
  entry(
    'decimal of 50 digits',
    { type: 'fixed', length: 21, converted: 'decimal', precision: 50, scale: 2 },
    [bigEndian(150n, 21)],
    unsupported(/"x".*50 digits/),
  ),
  entry(
    'decimal of 76 digits, which has a multiple of 8 bytes',
    { type: 'fixed', length: 32, converted: 'decimal', precision: 76, scale: 2 },
    [bigEndian(150n, 32)],
    unsupported(/76 digits/),
  ),
  entry(
    'decimal of 50 digits in bytes',
    { type: 'byteArray', converted: 'decimal', precision: 50, scale: 2 },
    [bigEndian(150n, 3)],
    unsupported(/50 digits/),
  ),
  entry(
    'DECIMAL alone in fixed bytes',
    { type: 'fixed', length: 5, logical: { decimal: { precision: 10, scale: 2 } } },
    [bigEndian(1n, 5)],
    unsupported(/DECIMAL/),
  ),
  entry(
    'DECIMAL alone of a precision that int32 has not',
    { type: 'int32', logical: { decimal: { precision: 0, scale: 2 } } },
    [1],
    unsupported(/DECIMAL/),
  ),

  entry(
    'date',
    { type: 'int32', converted: 'date' },
    [0, -1],
    typed('DATE', ['1970-01-01T00:00:00.000Z', '1969-12-31T00:00:00.000Z']),
  ),
  entry(
    'DATE alone',
    { type: 'int32', logical: 'date' },
    [20000, null],
    typed('DATE', ['2024-10-04T00:00:00.000Z', null]),
  ),
  entry('time of milliseconds', { type: 'int32', converted: 'timeMillis' }, [5], [5000]),
  entry(
    'TIME of microseconds',
    { type: 'int64', logical: { time: 'micros', utc: false } },
    [5n],
    typed('TIME', [5]),
  ),
  entry(
    'TIME of nanoseconds',
    { type: 'int64', logical: { time: 'nanos', utc: false } },
    [5000000001n],
    [5000000001],
  ),
  entry(
    'TIME of nanoseconds in UTC',
    { type: 'int64', logical: { time: 'nanos', utc: true } },
    [5000000001n],
    noticed([5000000], /"x" has nanoseconds.*cut/),
  ),
  entry(
    'timestamp of milliseconds',
    { type: 'int64', converted: 'timestampMillis' },
    [5n],
    ['1970-01-01T00:00:00.005Z'],
  ),
  entry(
    'TIMESTAMP of milliseconds alone',
    { type: 'int64', logical: { timestamp: 'millis', utc: false } },
    [5n],
    ['1970-01-01T00:00:00.005Z'],
  ),
  entry(
    'TIMESTAMP of microseconds alone, in UTC',
    { type: 'int64', logical: { timestamp: 'micros', utc: true } },
    [5000n],
    typed('TIMESTAMP WITH TIME ZONE', ['1970-01-01T00:00:00.005Z']),
  ),
  entry(
    'TIMESTAMP of nanoseconds',
    { type: 'int64', logical: { timestamp: 'nanos', utc: false } },
    [5000000n],
    typed('TIMESTAMP_NS', ['1970-01-01T00:00:00.005Z']),
  ),
  entry(
    'TIMESTAMP of nanoseconds in UTC',
    { type: 'int64', logical: { timestamp: 'nanos', utc: true } },
    [5000000n],
    noticed(['1970-01-01T00:00:00.005Z'], /"x" has nanoseconds.*cut/),
  ),
  entry(
    'INT96',
    { type: 'int96' },
    [int96(0, 5000000n), null],
    noticed(['1970-01-01T00:00:00.005Z', null], /"x" is INT96.*cut/),
  ),

  entry(
    'geometry',
    { type: 'byteArray', logical: 'geometry' },
    [point],
    typed('GEOMETRY', [POINT]),
  ),
  entry(
    'geography',
    { type: 'byteArray', logical: 'geography' },
    [point],
    noticed([POINT], /"x" is GEOGRAPHY/),
  ),
]);
