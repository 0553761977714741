import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { PlannedShard, RowCounts, Scoring, TensorInfo } from '@shardmill/core';
import {
  boostedTrees,
  createRandom,
  encodeModel,
  failsOnRows,
  sumColumns,
  zipMap,
} from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { nearRows } from '../scan/near-rows.js';
import { partSource } from '../scan/part-source.js';
import type { PartOutcome, Rejects } from '../single-pass/part-order.js';
import { PartWriter } from '../single-pass/part-writer.js';
import { type PartContent, readBack } from '../write/read-back.js';
import { drawTextModel, pairModel } from './random-text-model.js';

export const ROWS = 50_000;
/** Models of several texts with encoders of several kinds, some of them of texts that are put together. */
export const TEXT_TREES = drawTextModel(createRandom(34), 'trees');
export const TEXT_NUMBERS = drawTextModel(createRandom(34), 'numbers');
export const TEXT_GROUP = drawTextModel(createRandom(34), 'nothing');
export const TEXT_PAIR = pairModel();
const MODELS = {
  sum: sumColumns({ names: ['a', 'b'] }),
  zip: zipMap(),
  gather: failsOnRows({ tableSize: ROWS - 1 }),
  busy: busy(3000),
  trees: boostedTrees({ features: 3, trees: 20, depth: 4 }),
  textTrees: TEXT_TREES.model,
  textNumbers: TEXT_NUMBERS.model,
  textGroup: TEXT_GROUP.model,
  textPair: TEXT_PAIR.model,
  otherTrees: boostedTrees({ features: 3, trees: 20, depth: 4, seed: 2 }),
};

export type ModelName = keyof typeof MODELS;

let folder = '';
let instance: DuckDBInstance;
let connection: DuckDBConnection;
const writers: PartWriter[] = [];

/** A file, models and a database for all tests of a file; writers are closed after each test. */
export function usePartWriters(): void {
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
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.close()));
  });
}

export const database = (): DuckDBConnection => connection;
export const modelFile = (name: ModelName): string => path.join(folder, `${name}.onnx`);
/** The file of all tests: `ROWS` rows, in row groups of 2,048. */
export const file = (): string => path.join(folder, 'a.parquet');
export const tensor = (name: string, type: TensorInfo['type'], ...rest: number[]): TensorInfo => ({
  name,
  type,
  shape: ['N', ...rest],
});
/** An input from columns of its type. */
export const feature = (
  input: string,
  columns: readonly string[],
): Scoring['features'][number] => ({
  input,
  type: 'float32',
  layout: 'scalars',
  width: columns.length,
  rowShape: [columns.length],
  columns: columns.map((sql) => ({ label: sql, sql: `(${sql})` })),
});

export interface Case {
  readonly model: ModelName;
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  readonly features: Scoring['features'];
  readonly columns: Readonly<Record<string, string>>;
  readonly where?: string;
  readonly missing?: string;
}

export const SUM: Case = {
  model: 'sum',
  inputs: [tensor('a', 'float32', 1), tensor('b', 'float32', 1)],
  outputs: [tensor('sum', 'float32', 1)],
  features: [feature('a', ['a']), feature('b', ['b'])],
  columns: { id: 'id', total: 'sum', twice: 'model.sum + total', a: 'a', b: 'b' },
};

export function scoringOf({ model, inputs, outputs, features, columns, ...rest }: Case): Scoring {
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

/** What a call costs on a busy machine decides nothing, if not asked for. */
export function open(what: Case, change: Partial<Scoring> = {}, atAnyCost = true): PartWriter {
  const scoring = { ...scoringOf(what), ...change };
  return openWriter({
    scoring,
    modelPath: scoring.model.uri,
    challengers: (scoring.challengers ?? []).map(({ model }) => ({
      modelPath: model.uri,
      substitute: undefined,
    })),
    threads: 1,
    atAnyCost,
    database: {
      threads: 1,
      memoryLimitBytes: 2 ** 28,
      folders: [folder],
      temporaryFolder: path.join(folder, 'tmp'),
    },
  });
}

/** Opens a writer that is closed after the test. */
export function openWriter(...args: Parameters<typeof PartWriter.open>): PartWriter {
  const writer = PartWriter.open(...args);
  if (writer === undefined) throw new Error('the model cannot be called from within a query');
  writers.push(writer);
  return writer;
}

export interface Written {
  readonly rows: readonly Record<string, unknown>[];
  /** Why the part has to be written in two passes; undefined where it was written. */
  readonly why: string | undefined;
  readonly needsSurvey: boolean | undefined;
  readonly counts: RowCounts | undefined;
  readonly rejects: Rejects | undefined;
  readonly scoredBy?: readonly string[];
  /** With challengers: what the file holds, as read from it alone, and with what the writer collected. */
  readonly contents?: readonly PartContent[];
  /** Why rows of challengers were not scored. */
  readonly failures?: readonly (string | undefined)[];
  /** The numbers of rows that were reported as done. */
  readonly reported: readonly number[];
}

interface PartOptions {
  readonly firstRow?: number;
  /** The part's rows, of which `scored` are expected to be scored. */
  readonly read?: number;
  readonly scored?: number;
  readonly survey?: boolean;
  /** A copy of the file. */
  readonly from?: string;
  /** Of the file, as planned; rows around a small part are not kept of another. */
  readonly etag?: string;
  /** Where small parts are read from; undefined: each from its file. */
  readonly nearTable?: string;
  readonly onRows?: () => void;
}

/** Writes one part. */
export async function write(writer: PartWriter, options: PartOptions = {}): Promise<Written> {
  const { firstRow = 0, read = ROWS, survey = false, from = file(), nearTable, onRows } = options;
  const { scored = read, etag = '' } = options;
  const part = {
    part: 0,
    rows: read,
    slices: [{ file: 0, firstRow, rows: read, firstRowGroup: 0, rowGroups: 25 }],
  };
  const shard: PlannedShard = {
    shard: 0,
    rows: read,
    files: [{ uri: from, bytes: 0, etag, rows: ROWS, layout: 0, partition: [] }],
    parts: [part],
  };
  const { scoring } = writer.setup;
  const local = (uri: string): string => uri;
  const reported: number[] = [];
  const outcome = await writer.write(
    {
      place: PLACE,
      source: partSource(scoring, shard, part, scoring.input.used, local),
      near: nearTable === undefined ? undefined : nearRows(scoring, shard, part, local, nearTable),
      read,
      filtered: read - scored,
      survey,
      temporaryFolder: path.join(folder, 'tmp'),
      metadata: { part: '0/0' },
    },
    (rows) => {
      reported.push(rows);
      onRows?.();
    },
  );
  if (outcome.file === undefined) {
    const { why, needsSurvey } = outcome;
    return { rows: [], why, needsSurvey, reported, counts: undefined, rejects: undefined };
  }
  const contents = scoring.challengers === undefined ? [] : await readContents(scoring, outcome);
  const reader = await connection.runAndReadAll(`FROM read_parquet('${outcome.file}')`);
  await rm(outcome.file);
  return {
    rows: reader.getRowObjects(),
    why: undefined,
    needsSurvey: undefined,
    reported,
    counts: outcome.rows,
    rejects: outcome.rejects,
    scoredBy: outcome.scoredBy,
    contents,
    failures: outcome.challengers?.map(({ failure }) => failure) ?? [],
  };
}

const PLACE = { shard: 0, part: 0 };

/** What the finished file holds, without and with what is known of it. */
async function readContents(
  scoring: Scoring,
  { file, known, challengers = [] }: Extract<PartOutcome, { file: string }>,
): Promise<PartContent[]> {
  const counted = challengers.map((one) => one.counted);
  return [
    await readBack(connection, file, scoring, PLACE),
    await readBack(connection, file, scoring, PLACE, known, counted),
  ];
}

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
