import { describe, expect, test } from 'vitest';
import { type AttackEnd, useAttackField } from './attack.js';

// Definitions as a submitter may send them: each case is one line, and ends with a code that says what is wrong.

const field = useAttackField();

const EXPRESSIONS: readonly (readonly [sql: string, end: RegExp])[] = [
  // Statements, queries, files.
  ["(SELECT content FROM read_text('/etc/passwd'))", /FORBIDDEN/],
  ["a) FROM read_csv('/etc/passwd') WHERE (true", /FORBIDDEN|INVALID/],
  ["1); COPY (SELECT 1) TO '/tmp/shardmill-injected.csv'; SELECT (1", /FORBIDDEN/],
  ["1); ATTACH '/tmp/x.db'; SELECT (1", /FORBIDDEN/],
  ['1); INSTALL httpfs; SELECT (1', /FORBIDDEN/],
  ["1); SET memory_limit = '1TB'; SELECT (1", /FORBIDDEN/],
  ['1); PRAGMA database_list; SELECT (1', /FORBIDDEN|INVALID/],
  ['1) UNION ALL (SELECT 2', /FORBIDDEN/],
  ['1), (2', /FORBIDDEN/],
  ['EXISTS (SELECT 1)', /FORBIDDEN/],
  ['random()', /FORBIDDEN/],
  ['now()', /FORBIDDEN/],
  ['sum(a)', /FORBIDDEN/],
  ['row_number() OVER ()', /FORBIDDEN/],
  ['unnest([1, 2])', /FORBIDDEN/],
  ["getenv('HOME')", /INVALID|FORBIDDEN/],
  ["glob('/etc/*')", /INVALID|FORBIDDEN/],
  ["query('SELECT 1')", /INVALID|FORBIDDEN/],
  ["nextval('x')", /INVALID|FORBIDDEN/],
  ["current_setting('temp_directory')", /FORBIDDEN/],
  ['rowid', /INVALID|FORBIDDEN|NOT_FOUND/],
  ['input', /./],
  ['$1', /FORBIDDEN/],
  ['*', /FORBIDDEN|INVALID/],
  // What cannot be parsed or bound.
  ['', /INVALID/],
  [';', /FORBIDDEN|INVALID/],
  ['--', /INVALID/],
  ['/*', /INVALID/],
  ["'", /INVALID/],
  ['"', /INVALID/],
  ['a +', /INVALID/],
  ['\u0000', /INVALID/],
  ['a \u202e+ 1', /INVALID|FORBIDDEN|NOT_FOUND/],
  ['\\x1b[31m', /INVALID/],
  [`${'('.repeat(5000)}1${')'.repeat(5000)}`, /INVALID|TIMEOUT|MEMORY|finished/],
  [`${'1 + '.repeat(20_000)}1`, /./],
  [`a IN (${Array.from({ length: 50_000 }, (_, i) => i).join(',')})`, /./],
  [`${'CASE WHEN a > 0 THEN '.repeat(800)}1${' END'.repeat(800)}`, /./],
  ['x'.repeat(100_000), /NOT_FOUND|INVALID/],
  // Constants that are expensive: DuckDB computes them while it binds.
  ["md5(repeat('a', 2000000000))", /PLAN_TIMEOUT|PLAN_OUT_OF_MEMORY/],
  ["length(repeat(repeat('a', 1000000), 1000000))", /PLAN|TIMEOUT|INVALID|FAILED|MEMORY|finished/],
  ['list_sum(range(1000000000))', /PLAN|TIMEOUT|INVALID|FAILED|MEMORY/],
  ["regexp_matches(repeat('a', 30000000), '(a*)*b')", /PLAN|TIMEOUT|finished/],
  [
    'list_sum(list_transform(range(50000000), x -> x * 2))',
    /PLAN|TIMEOUT|FAILED|MEMORY|finished|INVALID/,
  ],
  // Values that make an expression fail for a row, or that no sum can hold.
  ['1e308', /^finished$/],
  ['if(id % 2 = 0, 1e308, -1e308)', /^finished$/],
  ['1 / 0', /./],
  ["'x'::INTEGER", /EXPRESSION_FAILED|INVALID/],
  ["error('\u001b[31mboo')", /EXPRESSION_FAILED|INVALID/],
  ['(id::HUGEINT * 170141183460469231731687303715884105727::HUGEINT)::BIGINT', /FAILED|INVALID/],
  ["strptime('x', '%')", /FAILED|INVALID/],
  ['chr(-1)', /FAILED|INVALID/],
  ["repeat('a', id * 100000000)", /FAILED|MEMORY|TIMEOUT|CRASHED|finished/],
];

describe('an expression of the output', () => {
  test.each(EXPRESSIONS.map(([sql, end]) => [sql.slice(0, 60), sql, end] as const))(
    '%j',
    async (_, sql, end) => {
      const output = { uri: 'out', columns: { score: 'score', x: sql } };
      expect(await field.run({ output }, end)).toMatch(end);
    },
  );
});

const FILTERS: readonly (readonly [sql: string, end: RegExp])[] = [
  ["md5(repeat('a', 2000000000)) = 'x'", /PLAN_TIMEOUT|PLAN_OUT_OF_MEMORY/],
  ['a IN (SELECT 1)', /FORBIDDEN/],
  ['true; DROP TABLE input', /FORBIDDEN|INVALID/],
  ['1', /INVALID|finished/],
  ["'x'", /INVALID|FAILED/],
  ['a = ANY (SELECT 1)', /FORBIDDEN/],
  ['score > 0', /NOT_FOUND|INVALID/],
];

describe('a filter', () => {
  test.each(FILTERS)('%j', async (where, end) => {
    expect(await field.run({ input: { uri: 'data', where } }, end)).toMatch(end);
  });
});

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'file_row_number',
  'filename',
  'rowid',
  '_file',
  '',
  ' ',
  'a\u0000b',
  '\u001b[2J',
  '\u202etxt.exe',
  '"',
  "'; DROP TABLE x; --",
  '../../x',
  '{{ ds }}',
  'x'.repeat(10_000),
  '💥',
  '\ud800',
  'shardmill_x',
  'NULL',
];

describe('a name of an output column', () => {
  test.each(NAMES)('%j', async (name) => {
    const columns = Object.fromEntries([
      ['score', 'score'],
      [name, 'a'],
    ]);
    expect(await field.run({ output: { uri: 'out', columns } })).toMatch(
      /^(finished|[A-Z]+_[A-Z_]+)$/,
    );
  });
});

const yaml = (rest: string): string => `name: test
input: { uri: ../data }
model: { uri: ../model.onnx }
features: { features: [a, b, c] }
output: { uri: ../outputs/yaml, columns: { score: score } }
${rest}`;

const bomb = (): string => {
  const levels = Array.from({ length: 9 }, (_, i) => {
    const [name, of] = [`l${i + 1}`, `*l${i}`];
    return `${name}: &${name} [${Array(9).fill(of).join(', ')}]`;
  });
  return `l0: &l0 x\n${levels.join('\n')}`;
};

const DEFINITIONS: readonly (readonly [
  what: string,
  name: string,
  content: () => string | Uint8Array,
  end: RegExp,
])[] = [
  ['YAML that doubles itself by aliases', 'bomb.yaml', () => yaml(bomb()), /JOB_/],
  ['YAML of two megabytes', 'large.yaml', () => yaml(`# ${'x'.repeat(2 ** 21)}`), /JOB_TOO_LARGE/],
  [
    'JSON of two megabytes',
    'large.json',
    () => `{"name":"${'x'.repeat(2 ** 21)}"}`,
    /JOB_TOO_LARGE/,
  ],
  ['a module of two megabytes', 'large.mjs', () => `// ${'x'.repeat(2 ** 21)}`, /JOB_TOO_LARGE/],
  ['YAML that refers to itself', 'circle.yaml', () => yaml('params: &p { x: *p }'), /JOB_/],
  ['YAML of several documents', 'many.yaml', () => `${yaml('')}\n---\n${yaml('')}`, /JOB_/],
  ['YAML with a key twice', 'twice.yaml', () => yaml('name: again'), /JOB_/],
  ['YAML with a tag of JavaScript', 'tag.yaml', () => yaml('x: !!js/function "() => 1"'), /JOB_/],
  [
    'YAML with a merge of a prototype',
    'merge.yaml',
    () => yaml('<<: { __proto__: { x: 1 } }'),
    /JOB_/,
  ],
  ['YAML with an unknown key', 'unknown.yaml', () => yaml('constructor: 1'), /JOB_INVALID/],
  ['YAML nested deeply', 'deep.yaml', () => `${'['.repeat(20_000)}${']'.repeat(20_000)}`, /JOB_/],
  ['JSON nested deeply', 'deep.json', () => `${'['.repeat(200_000)}${']'.repeat(200_000)}`, /JOB_/],
  ['JSON nested deeply and cut', 'cut.json', () => '{"a":'.repeat(100_000), /JOB_/],
  ['JSON with a prototype', 'proto.json', () => '{"__proto__":{"name":"x"}}', /JOB_INVALID/],
  ['JSON that is cut', 'half.json', () => '{"name":"x', /JOB_UNREADABLE/],
  ['JSON that is no object', 'null.json', () => 'null', /JOB_INVALID/],
  ['a number', 'number.json', () => '1e999', /JOB_/],
  ['nothing', 'empty.yaml', () => '', /JOB_/],
  [
    'bytes that are no text',
    'bytes.json',
    () => Uint8Array.from({ length: 4096 }, (_, i) => i),
    /JOB_/,
  ],
  ['UTF-16', 'utf16.json', () => Buffer.from('{"name":"x"}', 'utf16le'), /JOB_/],
  ['a module that throws nothing', 'throw.mjs', () => 'throw undefined', /JOB_/],
  ['a module that throws a text', 'text.mjs', () => "throw '\u001b[31m'", /JOB_/],
  ['a module without a default', 'none.mjs', () => 'export const x = 1', /JOB_INVALID/],
  [
    'a module with a getter that throws',
    'getter.mjs',
    () => 'export default { get name() { throw new Error("no") } }',
    /JOB_/,
  ],
  ['a module that imports what is not there', 'import.mjs', () => "import './gone.mjs'", /JOB_/],
];

describe('a definition', () => {
  test.each(DEFINITIONS)('%s', async (_, name, content, end) => {
    expect(await field.runDefinition(name, content())).toMatch(end);
  });
});

const PATHS: readonly (readonly [
  what: string,
  change: () => Parameters<typeof field.run>[0],
  end: RegExp,
])[] = [
  ['an input that is not there', () => ({ input: { uri: 'gone' } }), /INPUT_NOT_FOUND/],
  ['an input with a NUL', () => ({ input: { uri: 'da\u0000ta' } }), /INPUT|JOB|URI/],
  ['an input with an escape sequence', () => ({ input: { uri: '\u001b[2J' } }), /INPUT_NOT_FOUND/],
  ['an input of a long name', () => ({ input: { uri: 'x'.repeat(5000) } }), /INPUT|URI/],
  ['an input of another scheme', () => ({ input: { uri: 'gopher://x/y' } }), /URI_UNSUPPORTED/],
  ['an input of no bucket', () => ({ input: { uri: 's3://' } }), /URI|INPUT|STORE/],
  ['a pattern that matches nothing', () => ({ input: { uri: 'data/{a,b}{a,b}{a,b}*' } }), /INPUT/],
  ['a pattern of braces', () => ({ input: { uri: `data/${'{a,b}'.repeat(40)}` } }), /INPUT|PLAN/],
  ['a pattern of many folders', () => ({ input: { uri: `${'**/'.repeat(50)}*.x` } }), /INPUT|PLAN/],
  ['a pattern that is none', () => ({ input: { uri: 'data/[' } }), /INPUT/],
  ['a model that is a folder', () => ({ model: { uri: 'data' } }), /MODEL|INPUT/],
  ['a model that is Parquet', () => ({ model: { uri: 'data/a.parquet' } }), /MODEL_INVALID/],
  ['a model that is not there', () => ({ model: { uri: 'gone.onnx' } }), /MODEL_NOT_FOUND/],
  ['a model with a NUL', () => ({ model: { uri: 'm\u0000.onnx' } }), /MODEL|JOB|URI/],
];

describe('a location', () => {
  test.each(PATHS)('%s', async (_, change, end) => {
    const seen: AttackEnd = await field.run(change(), end);
    expect(seen).toMatch(end);
  });
});
