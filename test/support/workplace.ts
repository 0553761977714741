import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type JobDefinition, type Manifest } from '@shardmill/core';
import { manifestSchema } from '@shardmill/core/schemas';
import { logisticRegression } from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Ended, RunningCommand } from './command.js';

type Row = Record<string, unknown>;

/**
 * An empty folder for each test of a file, or one for them all: `data/`, `model.onnx`, `job.json`
 * and `out/` go there.
 */
export function useWorkplace(scope: 'test' | 'file' = 'test'): Workplace {
  const place = new Workplace();
  (scope === 'test' ? beforeEach : beforeAll)(() => place.open());
  (scope === 'test' ? afterEach : afterAll)(() => place.close());
  return place;
}

export class Workplace {
  #root = '';
  #database: DuckDBInstance | undefined;
  #commands: RunningCommand[] = [];

  async open(): Promise<void> {
    this.#root = await mkdtemp(path.join(tmpdir(), 'shardmill-test-'));
    this.#database = await DuckDBInstance.create(':memory:', { threads: '1' });
  }

  /** Ends what is still running and removes the folder. */
  async close(): Promise<void> {
    for (const command of this.#commands.splice(0)) await command.end();
    this.#database?.closeSync();
    await rm(this.#root, { recursive: true, force: true });
  }

  path(...names: string[]): string {
    return path.join(this.#root, ...names);
  }

  /** The rows of the last statement; whole numbers come as `number`. */
  async sql(text: string): Promise<Row[]> {
    if (this.#database === undefined) throw new Error('the workplace is not open');
    const connection = await this.#database.connect();
    try {
      const reader = await connection.runAndReadAll(text);
      return reader
        .getRowObjects()
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([k, v]) => [k, typeof v === 'bigint' ? Number(v) : v]),
          ),
        );
    } finally {
      connection.closeSync();
    }
  }

  /** Writes a query's rows as Parquet. */
  async writeParquet(name: string, query: string, options = ''): Promise<string> {
    const file = this.path(name);
    await mkdir(path.dirname(file), { recursive: true });
    const more = options === '' ? '' : `, ${options}`;
    await this.sql(`COPY (${query}) TO '${file}' (FORMAT parquet${more})`);
    return file;
  }

  /**
   * `data/a.parquet` with `rows` rows (`id` from 0, and doubles `a`, `b`, `c`) in row groups of
   * 2,048, the smallest that DuckDB writes; `model.onnx`; and a job over both.
   */
  async prepare(options: PrepareOptions = {}): Promise<void> {
    const { rows = 100, model = logisticRegression({ features: 3 }), job = {} } = options;
    await this.writeParquet('data/a.parquet', numbered(rows), 'ROW_GROUP_SIZE 2048');
    await this.write('model.onnx', model);
    await this.writeJob(job);
  }

  async write(name: string, content: Uint8Array | string): Promise<string> {
    const file = this.path(name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  /** `job.json`: the usual job with these keys in place of its own. */
  async writeJob(change: Partial<JobDefinition>): Promise<string> {
    return this.write('job.json', JSON.stringify({ ...usualJob, ...change }, null, 2));
  }

  /** Runs the program to its end; `job.json` is the job where the command is all that is given. */
  async shardmill(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  start(...args: string[]): RunningCommand {
    return this.#kept(RunningCommand.start(args, this.#root));
  }

  /** Starts it by a script of the shell's, in which `"$@"` is the program with its arguments. */
  startIn(script: string, ...args: string[]): RunningCommand {
    return this.#kept(RunningCommand.startIn(script, args, this.#root));
  }

  #kept(command: RunningCommand): RunningCommand {
    this.#commands.push(command);
    return command;
  }

  /** The rows of all visible parts in an output folder. */
  async results(columns = '*', out = 'out'): Promise<Row[]> {
    return this.sql(`SELECT ${columns} FROM read_parquet('${this.path(out)}/*.parquet')`);
  }

  async manifest(runId: string, out = 'out'): Promise<Manifest> {
    const file = this.path(out, '_shardmill', runId, 'manifest.json');
    return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  }
}

export interface PrepareOptions {
  readonly rows?: number;
  readonly model?: Uint8Array;
  readonly job?: Partial<JobDefinition>;
}

/** A query for `rows` rows with ids from `first`. */
export function numbered(rows: number, first = 0): string {
  return `SELECT (${first} + i)::BIGINT AS id, i / 7.0 - 10 AS a, cos(i) AS b, (i % 13)::DOUBLE AS c
    FROM range(${rows}) r(i)`;
}

export const usualJob = {
  name: 'test',
  input: { uri: 'data' },
  model: { uri: 'model.onnx' },
  features: { features: ['a', 'b', 'c'] },
  output: { uri: 'out', columns: { id: 'id', score: 'score' } },
} satisfies JobDefinition;
