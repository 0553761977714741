import type { Random } from '@shardmill/test-kit';

const ATOMS = [
  'a',
  'id',
  'score',
  'input.a',
  'model.score',
  '"a"',
  'nothing',
  'NULL',
  '1',
  '-0.0',
  "'nan'::DOUBLE",
  '1e308',
  '170141183460469231731687303715884105727',
  "''",
  "'\\x00'::BLOB",
  "DATE '2026-01-01'",
  "INTERVAL '1 month'",
  "repeat('a', 1000000)",
  'range(100000)',
  '[a, b]',
  "{'x': a}",
  'MAP {1: a}',
  'true',
  "'💥'",
  'struct_pack(k := id)',
];
const FUNCTIONS = [
  'abs',
  'md5',
  'length',
  'lower',
  'sqrt',
  'ln',
  'chr',
  'hex',
  'list_sum',
  'list_sort',
  'list_distinct',
  'array_length',
  'epoch_ms',
  'strlen',
  'reverse',
  'factorial',
  'from_base64',
  'json',
  'to_json',
  'unnest',
  'sum',
  'random',
  'read_text',
  'bit_count',
  'year',
  'isnan',
  'bin',
  'typeof',
  'hash',
];
const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '^',
  '||',
  '=',
  '<',
  'AND',
  'OR',
  'LIKE',
  'IS DISTINCT FROM',
  '<<',
  '&',
  '->',
  '[',
  ';',
  ',',
];
const TYPES = [
  'INTEGER',
  'VARCHAR',
  'DOUBLE',
  'HUGEINT',
  'DECIMAL(38, 10)',
  'BLOB',
  'DATE',
  'BIT',
  'JSON',
  'TIME',
  'UUID',
  'DOUBLE[]',
  'STRUCT(x INTEGER)',
  'NOTHING',
];

/** An expression of SQL, right or wrong; what is drawn is decided by `random` alone. */
export function randomExpression(random: Random, depth = 0): string {
  const pick = (from: readonly string[]): string => from[random.integer(from.length)] ?? '1';
  const inner = (): string => randomExpression(random, depth + 1);
  if (depth > 4) return pick(ATOMS);
  switch (random.integer(9)) {
    case 0:
      return `${pick(FUNCTIONS)}(${inner()})`;
    case 1:
      return `${pick(FUNCTIONS)}(${inner()}, ${inner()})`;
    case 2:
    case 3:
      return `(${inner()} ${pick(OPERATORS)} ${inner()})`;
    case 4:
      return `CAST(${inner()} AS ${pick(TYPES)})`;
    case 5:
      return `CASE WHEN ${inner()} THEN ${inner()} ELSE ${inner()} END`;
    case 6:
      return `list_transform(${inner()}, x -> ${inner()})`;
    case 7: {
      const text = inner();
      return text.slice(0, random.integer(text.length + 1));
    }
    default:
      return pick(ATOMS);
  }
}
