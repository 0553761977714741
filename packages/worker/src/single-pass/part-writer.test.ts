import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { PlannedShard, RowCounts, Scoring, TensorInfo } from '@shardmill/core';
import { boostedTrees, encodeModel, failsOnRows, sumColumns, zipMap } from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { partSource } from '../scan/part-source.js';
import { ModelFunction } from './model-function.js';
import type { Rejects } from './part-order.js';
import { PartWriter } from './part-writer.js';
import { makeTreeKernel } from '../tree-kernel/tree-kernel.js';

const ROWS = 50_000;
const MODELS = {
  sum: sumColumns({ names: ['a', 'b'] }),
  zip: zipMap(),
  gather: failsOnRows({ tableSize: ROWS - 1 }),
  busy: busy(3000),
  trees: boostedTrees({ features: 3, trees: 20, depth: 4 }),
  otherTrees: boostedTrees({ features: 3, trees: 20, depth: 4, seed: 2 }),
};

let folder = '';
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-single-pass-'));
  await mkdir(path.join(folder, 'tmp'));
  instance = await DuckDBInstance.create(':memory:', { threads: '4' });
  connection = await instance.connect();
  await connection.run(
    `COPY (SELECT i AS id, (i % 100)::FLOAT AS a, (i // 100)::FLOAT AS b, 1::FLOAT AS c
      FROM range(${ROWS}) r(i)) TO '${file()}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
  for (const [name, model] of Object.entries(MODELS)) {
    await writeFile(path.join(folder, `${name}.onnx`), model);
  }
});
// Whatever came of a part, no unfinished file is left.
afterEach(async () => {
  expect(await readdir(path.join(folder, 'tmp'))).toEqual([]);
});
afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true, force: true });
});

const file = (): string => path.join(folder, 'a.parquet');
const tensor = (name: string, type: TensorInfo['type'], ...rest: number[]): TensorInfo => ({
  name,
  type,
  shape: ['N', ...rest],
});
/** An input from columns of its type. */
const feature = (input: string, columns: readonly string[]): Scoring['features'][number] => ({
  input,
  type: 'float32',
  layout: 'scalars',
  width: columns.length,
  rowShape: [columns.length],
  columns: columns.map((sql) => ({ label: sql, sql: `(${sql})` })),
});

interface Case {
  readonly model: keyof typeof MODELS;
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  readonly features: Scoring['features'];
  readonly columns: Readonly<Record<string, string>>;
  readonly where?: string;
  readonly missing?: string;
}

const SUM: Case = {
  model: 'sum',
  inputs: [tensor('a', 'float32', 1), tensor('b', 'float32', 1)],
  outputs: [tensor('sum', 'float32', 1)],
  features: [feature('a', ['a']), feature('b', ['b'])],
  columns: { id: 'id', total: 'sum', twice: 'model.sum + total', a: 'a', b: 'b' },
};

function scoringOf({ model, inputs, outputs, features, columns, ...rest }: Case): Scoring {
  const layout = ['id', 'a', 'b', 'c'].map((name) => ({
    name,
    type: name === 'id' ? 'BIGINT' : 'FLOAT',
  }));
  return {
    input: {
      columns: layout,
      used: layout.map(({ name }) => name),
      layouts: [layout.filter(({ name }) => name !== rest.missing)],
      partitionColumns: [],
      where: rest.where ?? null,
    },
    model: {
      uri: path.join(folder, `${model}.onnx`),
      sha256: '',
      bytes: MODELS[model].length,
      externalData: [],
      inputs,
      outputs,
    },
    features,
    transform: null,
    nulls: 'reject',
    output: {
      uri: folder,
      columns: Object.entries(columns).map(([name, sql]) => ({ name, sql, type: 'FLOAT' })),
      compression: 'snappy',
      rowGroupRows: 10_000,
    },
  };
}

const writers: PartWriter[] = [];
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close()));
});

/** What a call costs on a busy machine decides nothing, if not asked for. */
function open(what: Case, change: Partial<Scoring> = {}, atAnyCost = true): PartWriter {
  const scoring = { ...scoringOf(what), ...change };
  const writer = PartWriter.open({
    scoring,
    modelPath: scoring.model.uri,
    threads: 1,
    atAnyCost,
    database: {
      threads: 1,
      memoryLimitBytes: 2 ** 28,
      folders: [folder],
      temporaryFolder: path.join(folder, 'tmp'),
    },
  });
  if (writer === undefined) throw new Error('the model cannot be called from within a query');
  writers.push(writer);
  return writer;
}

interface Written {
  readonly rows: readonly Record<string, unknown>[];
  /** Why the part has to be written in two passes; undefined where it was written. */
  readonly why: string | undefined;
  readonly needsSurvey: boolean | undefined;
  readonly counts: RowCounts | undefined;
  readonly rejects: Rejects | undefined;
  readonly byTrees?: boolean;
  /** The numbers of rows that were reported as done. */
  readonly reported: readonly number[];
}

/** Writes one part of `rows` rows, of which `scored` are expected to be. */
async function write(
  writer: PartWriter,
  { scored = ROWS, survey = false, onRows = (): void => {} } = {},
): Promise<Written> {
  const part = {
    part: 0,
    rows: ROWS,
    slices: [{ file: 0, firstRow: 0, rows: ROWS, firstRowGroup: 0, rowGroups: 25 }],
  };
  const shard: PlannedShard = {
    shard: 0,
    rows: ROWS,
    files: [{ uri: file(), bytes: 0, etag: '', rows: ROWS, layout: 0, partition: [] }],
    parts: [part],
  };
  const { scoring } = writer.setup;
  const reported: number[] = [];
  const outcome = await writer.write(
    {
      source: partSource(scoring, shard, part, scoring.input.used, (uri) => uri),
      read: ROWS,
      filtered: ROWS - scored,
      survey,
      temporaryFolder: path.join(folder, 'tmp'),
      metadata: { part: '0/0' },
    },
    (rows) => {
      reported.push(rows);
      onRows();
    },
  );
  if (outcome.file === undefined) {
    const { why, needsSurvey } = outcome;
    return { rows: [], why, needsSurvey, reported, counts: undefined, rejects: undefined };
  }
  const reader = await connection.runAndReadAll(`FROM read_parquet('${outcome.file}')`);
  await rm(outcome.file);
  return {
    rows: reader.getRowObjects(),
    why: undefined,
    needsSurvey: undefined,
    reported,
    counts: outcome.rows,
    rejects: outcome.rejects,
    byTrees: outcome.byTrees,
  };
}

describe('a single pass', () => {
  it('asks the model once for each row, in the order of the rows, however often it is used', async () => {
    const { rows, reported } = await write(open(SUM));
    expect(reported.at(-1)).toBe(ROWS);
    expect(rows.map(({ id }) => Number(id))).toEqual(Array.from({ length: ROWS }, (_, i) => i));
    const wrong = rows.filter(
      ({ total, twice, a, b }) => total !== Number(a) + Number(b) || twice !== 2 * total,
    );
    expect(wrong).toEqual([]);
  });

  it('asks it only for the rows that the where leaves', async () => {
    const pass = open({ ...SUM, where: 'a < 10 AND b % 2 = 0' });
    const { rows, reported } = await write(pass, { scored: ROWS / 20 });
    expect(rows).toHaveLength(ROWS / 20);
    expect(reported.at(-1)).toBe(ROWS / 20);
  });

  it('has several outputs of a call: whole numbers, and lists', async () => {
    const pass = open({
      model: 'zip',
      inputs: [tensor('features', 'float32', 3)],
      outputs: [tensor('label', 'int64'), tensor('probabilities', 'float32', 2)],
      features: [feature('features', ['a', 'b', 'c'])],
      columns: {
        label: 'label',
        second: 'probabilities[2]',
        sum: 'round(list_sum(model.probabilities), 6)',
        type: 'typeof(probabilities)',
      },
    });
    const { rows } = await write(pass);
    const wrong = rows.filter(
      ({ label, second, sum, type }) =>
        label !== (Number(second) > 0.5 ? 1n : 0n) || sum !== 1 || type !== 'FLOAT[]',
    );
    expect(rows).toHaveLength(ROWS);
    expect(wrong).toEqual([]);
  });

  it('leaves a part to two passes in which the model throws for a row', async () => {
    const pass = open({
      model: 'gather',
      inputs: [tensor('id', 'int64')],
      outputs: [tensor('value', 'float32')],
      features: [{ ...feature('id', ['id']), type: 'int64', rowShape: [] }],
      columns: { value: 'value' },
    });
    const { why } = await write(pass);
    expect(why).toContain('indices element out of data bounds');
  });

  const nulls: Case = { ...SUM, features: [feature('a', ['nullif(a, 99)']), feature('b', ['b'])] };

  it('stops at the first row to reject where there was no survey for such rows', async () => {
    for (const what of [nulls, { ...SUM, missing: 'a' }]) {
      const { why, needsSurvey } = await write(open(what));
      expect(why).toContain('there are rows to reject');
      expect(needsSurvey).toBe(true);
    }
  });

  it('rejects rows, each with its key and reason, and scores the others where they are', async () => {
    const { rows, counts, rejects, reported, why } = await write(open(nulls), { survey: true });
    expect(why).toBeUndefined();
    const [rejected, scored] = [ROWS / 100, ROWS - ROWS / 100];
    expect(counts).toEqual({ read: ROWS, scored, rejected, filtered: 0 });
    expect(reported.at(-1)).toBe(scored);
    expect(rows.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: ROWS }, (_, i) => i).filter((id) => id % 100 !== 99),
    );
    expect(rows.filter(({ total, a, b }) => total !== Number(a) + Number(b))).toEqual([]);
    expect(rejects?.keys).toEqual(Array.from({ length: rejected }, (_, i) => BigInt(i * 100 + 99)));
    expect(new Set(rejects?.reasons)).toEqual(
      new Set(['feature a: "nullif(a, 99)" is null or out of range']),
    );
  });

  it('rejects rows beside lists, in which each has its own elements still', async () => {
    const zip = (first: string): Case => ({
      model: 'zip',
      inputs: [tensor('features', 'float32', 3)],
      outputs: [tensor('label', 'int64'), tensor('probabilities', 'float32', 2)],
      features: [feature('features', [first, 'b', 'c'])],
      columns: { id: 'id', label: 'label', second: 'probabilities[2]', a: 'a', b: 'b' },
    });
    const { rows, counts } = await write(open(zip('nullif(a, 50)')), { survey: true });
    const all = (await write(open(zip('a')))).rows;
    expect(counts?.rejected).toBe(ROWS / 100);
    expect(rows).toEqual(all.filter(({ a }) => a !== 50));
  });

  it('writes an empty file where all rows are rejected', async () => {
    const { rows, counts, rejects } = await write(open({ ...SUM, missing: 'a' }), { survey: true });
    expect(rows).toEqual([]);
    expect(counts).toEqual({ read: ROWS, scored: 0, rejected: ROWS, filtered: 0 });
    expect(rejects?.keys).toHaveLength(ROWS);
  });

  it('searches for rows to reject where there are none', async () => {
    const { rows, counts } = await write(open(SUM), { survey: true });
    expect(rows).toHaveLength(ROWS);
    expect(counts?.rejected).toBe(0);
  });

  it('leaves a null under the policy "fail" to two passes', async () => {
    for (const survey of [false, true]) {
      const { why, needsSurvey } = await write(open(nulls, { nulls: 'fail' }), { survey });
      expect(why).toContain('is null in a row');
      expect(needsSurvey).toBe(false);
    }
  });

  it.each([
    ['nullif(a, 99)', ROWS / 100],
    ['NULL::FLOAT', ROWS],
  ])('makes NaN of nulls where the policy says so: %s', async (sql, nulls) => {
    const some = { ...SUM, features: [feature('a', [sql]), feature('b', ['b'])] };
    const { rows, why } = await write(open(some, { nulls: 'nan' }));
    expect(why).toBeUndefined();
    expect(rows.filter(({ total }) => Number.isNaN(total))).toHaveLength(nulls);
  });

  it('asks the model for each row where all features are constants, too', async () => {
    const same = [feature('a', ['2::FLOAT']), feature('b', ['3::FLOAT'])];
    const { rows, reported } = await write(open({ ...SUM, features: same }));
    expect(reported.at(-1)).toBe(ROWS);
    expect(new Set(rows.map(({ total }) => total))).toEqual(new Set([5]));
  });

  it('leaves a part to two passes in which an expression fails', async () => {
    const pass = open({ ...SUM, columns: { x: 'CAST(a || sum AS DATE)' } });
    expect((await write(pass)).why).toContain('Conversion Error');
  });

  it('leaves a part to two passes whose rows are not as many as were counted', async () => {
    const { why } = await write(open(SUM), { scored: ROWS - 1 });
    expect(why).toContain('49999 rows expected, 50000 scored, 50000 written');
  });

  it('leaves a part to two passes for which the model is not asked', async () => {
    const pass = open({ ...SUM, columns: { id: 'id', name: "'sum'" } });
    expect((await write(pass)).why).toContain('50000 rows expected, 0 scored, 50000 written');
  });

  it('finds out with a few rows that a model is too expensive, unless it is forced, with rejects, too', async () => {
    const what: Case = {
      model: 'busy',
      inputs: [tensor('x', 'float32', 1)],
      outputs: [tensor('y', 'float32', 1)],
      features: [feature('x', ['a'])],
      columns: { y: 'y' },
    };
    const { why, reported } = await write(open(what, {}, false));
    expect(why).toContain('too expensive');
    expect(reported).toEqual([]);
    const rejecting = open({ ...what, features: [feature('x', ['nullif(a, 0)'])] }, {}, false);
    expect((await write(rejecting)).needsSurvey).toBe(true);
    expect((await write(rejecting, { survey: true })).why).toContain('too expensive');
    expect((await write(open(what))).rows).toHaveLength(ROWS);
  });

  it('does not begin a part that was cancelled before its query', async () => {
    const writer = open(SUM);
    const written = write(writer, { survey: true });
    writer.cancel();
    const { why, reported } = await written;
    expect(why).toContain('cancelled');
    expect(reported).toEqual([]);
    expect((await write(writer)).rows).toHaveLength(ROWS);
  });

  it('stops where it is cancelled, and goes on with the next part', async () => {
    const writer = open(SUM);
    const { why, reported } = await write(writer, { onRows: () => writer.cancel() });
    expect(why).toMatch(/cancelled|Interrupt/i);
    expect(reported.at(-1)).toBeLessThan(ROWS);
    expect((await write(writer)).rows).toHaveLength(ROWS);
  });
});

describe('a tree kernel in place of the model', () => {
  const trees = (first: string): Case => ({
    model: 'trees',
    inputs: [tensor('features', 'float32', 3)],
    outputs: [tensor('score', 'float32', 1)],
    features: [feature('features', [first, 'b', 'c'])],
    columns: { id: 'id', score: 'score' },
  });

  /** Writes the part with the kernel of a model, and returns how it was used. */
  async function withKernel(
    what: Case,
    of: keyof typeof MODELS,
    change: Partial<Scoring> = {},
  ): Promise<Written & { readonly problems: string[] }> {
    const scoring = { ...scoringOf(what), ...change };
    const kernel = await makeTreeKernel(path.join(folder, `${of}.onnx`), scoring);
    if ('why' in kernel) throw new Error(kernel.why);
    const problems: string[] = [];
    const { setup } = open(what, change);
    const writer = PartWriter.open({ ...setup, treeKernel: kernel }, (problem) =>
      problems.push(problem),
    );
    if (writer === undefined) throw new Error('the model cannot be called from within a query');
    writers.push(writer);
    return { ...(await write(writer, { survey: true })), problems };
  }

  it.each<[string, string, Scoring['nulls']]>([
    ['without nulls', 'a', 'reject'],
    ['with rows to reject', 'nullif(a, 50)', 'reject'],
    ['with nulls that are NaN', 'nullif(a, 50)', 'nan'],
  ])('writes the same file, from columns as they are: %s', async (_, first, nulls) => {
    const got = await withKernel(trees(first), 'trees', { nulls });
    const wanted = await write(open(trees(first), { nulls }), { survey: true });
    expect(got.byTrees).toBe(true);
    expect(wanted.byTrees).toBe(false);
    expect(got.problems).toEqual([]);
    expect(got.rows).toEqual(wanted.rows);
    expect(got.counts).toEqual(wanted.counts);
  });

  it('is not used where its first rows are not those of the model', async () => {
    const got = await withKernel(trees('a'), 'otherTrees');
    expect(got.byTrees).toBe(false);
    expect(got.problems).toEqual([expect.stringContaining('output "score" of row 0')]);
    expect(got.rows).toEqual((await write(open(trees('a')))).rows);
  });
});

describe('the function', () => {
  const known = async (): Promise<string[]> => {
    const reader = await connection.runAndReadAll(
      "SELECT function_name FROM duckdb_functions() WHERE function_name LIKE '_shardmill_%'",
    );
    return reader.getRows().map(([name]) => String(name));
  };
  const openAndFind = async (): Promise<string[]> => {
    const before = await known();
    new ModelFunction(scoringOf(SUM)).register(connection);
    return (await known()).filter((name) => !before.includes(name));
  };

  it('answers nothing to SQL that is not the query of a part', async () => {
    const [name = ''] = await openAndFind();
    const ask = connection.run(`SELECT "${name}"(1::FLOAT, 2::FLOAT, 0::BIGINT, 1::INTEGER)`);
    await expect(ask).rejects.toThrow(/there is no such query/);
  });

  it('has another name each time, which cannot be guessed', async () => {
    const names = [...(await openAndFind()), ...(await openAndFind())];
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^_shardmill_[0-9a-f]{32}$/);
  });
});

/** Returns `x` as `y`, after so many iterations of a loop: some milliseconds, in few bytes. */
function busy(iterations: number): Uint8Array {
  return encodeModel({
    graph: {
      name: 'busy',
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 1] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', 1] }],
      nodes: [
        {
          op: 'Loop',
          inputs: ['iterations', '', 'x'],
          outputs: ['y'],
          attributes: {
            body: {
              graph: {
                name: 'iteration',
                inputs: [
                  { name: 'iteration', type: 'int64', shape: [] },
                  { name: 'going', type: 'bool', shape: [] },
                  { name: 'before', type: 'float32', shape: ['N', 1] },
                ],
                outputs: [
                  { name: 'go_on', type: 'bool', shape: [] },
                  { name: 'after', type: 'float32', shape: ['N', 1] },
                ],
                nodes: [
                  { op: 'Identity', inputs: ['going'], outputs: ['go_on'] },
                  { op: 'Neg', inputs: ['before'], outputs: ['after'] },
                ],
              },
            },
          },
        },
      ],
      initializers: [
        {
          name: 'iterations',
          type: 'int64',
          shape: [],
          data: BigInt64Array.of(BigInt(iterations)),
        },
      ],
    },
  });
}
