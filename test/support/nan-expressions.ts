import fc from 'fast-check';

/** Constants that NaN, infinities and zeros are compared with. */
const CONSTANTS = [
  '0',
  '1',
  '-1',
  '40',
  '1.5',
  '2.0',
  '1e9',
  '-1e9',
  '0.1',
  "'-0.0'::DOUBLE",
  "'nan'::DOUBLE",
  "'nan'::FLOAT",
  "'inf'::DOUBLE",
  "'-inf'::DOUBLE",
];
const NUMBERS = ['x', 'f', 's.a', 's.deep.b', 'input.x', 'f::DOUBLE', 't::DOUBLE', 'p::DOUBLE'];
const OPERATORS = ['=', '<>', '<', '<=', '>', '>='];

export interface Expressions {
  readonly numbers: fc.Arbitrary<string>;
  readonly conditions: fc.Arbitrary<string>;
  /** One or two comparisons with constants, as filters are that statistics decide. */
  readonly filters: fc.Arbitrary<string>;
}

/** SQL over the columns of a sample. @param lists whether it has those that only DuckDB writes. */
export function nanExpressions(lists: boolean): Expressions {
  const constant = fc.constantFrom(...CONSTANTS);
  const operator = fc.constantFrom(...OPERATORS);
  const column = fc.constantFrom(...NUMBERS, 'i', 'i::DOUBLE', ...(lists ? ['l[1]'] : []));
  const small = fc.integer({ min: -1, max: 14 });
  const comparison = fc.oneof(
    join(column, operator, constant),
    join(constant, operator, column),
    join(column, 'BETWEEN', constant, 'AND', constant),
  );
  const plain = fc.oneof(
    { weight: 6, arbitrary: comparison },
    join('i', operator, small),
    join('t', operator, fc.constantFrom("'1.0'", "'2'", "'nan'", "''", "'inf'", "'z'")),
    join('p', operator, fc.constantFrom("'nan'", "'7'")),
    join(fc.constantFrom('x', 'f', 'i', 't', 's', 's.a'), 'IS', fc.constantFrom('', 'NOT'), 'NULL'),
    ...(lists
      ? [
          join('d', operator, fc.constantFrom("DATE '2026-01-03'", "DATE '2026-01-09'")),
          join('dec', operator, fc.constantFrom('1.5', '4', '7.0')),
        ]
      : []),
  );
  const { number, condition } = fc.letrec<{ number: string; condition: string }>((tie) => {
    const [n, b] = [tie('number'), tie('condition')];
    return {
      number: fc.oneof(
        { maxDepth: 2 },
        column,
        join('-(', n, ')'),
        join('abs(', n, ')'),
        join('coalesce(', n, ',', constant, ')'),
        join('nullif(', n, ',', constant, ')'),
        join('greatest(', n, ',', constant, ')'),
        join('least(', n, ',', constant, ')'),
        join('CASE WHEN', b, 'THEN', n, 'ELSE', constant, 'END'),
      ),
      condition: fc.oneof(
        { maxDepth: 2 },
        { weight: 8, arbitrary: plain },
        join('(', n, operator, constant, ')'),
        join('(', n, operator, n, ')'),
        join('(', n, 'IN (', constant, ',', constant, '))'),
        join('(', n, 'IS DISTINCT FROM', constant, ')'),
        join('isnan((', n, ')::DOUBLE)'),
        join('(NOT (', b, '))'),
        join('((', b, ') AND (', b, '))'),
        join('((', b, ') OR (', b, '))'),
      ),
    };
  });
  const filters = fc.oneof(comparison, join('(', comparison, ') AND (', plain, ')'));
  return { numbers: number, conditions: condition, filters };
}

function join(
  ...pieces: readonly (string | fc.Arbitrary<string | number>)[]
): fc.Arbitrary<string> {
  const parts = pieces.map((piece) => (typeof piece === 'string' ? fc.constant(piece) : piece));
  return fc.tuple(...parts).map((texts) => texts.join(' '));
}
