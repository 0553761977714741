import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LogHistogram, type OutputStatistics, type Scoring } from '@shardmill/core';
import { streamChunks } from '../duckdb/chunk-stream.js';
import { columnVector, isValid, vectorValidity, vectorValues } from '../duckdb/raw-vector.js';
import { quoteName, quotePath } from '../sql/quote.js';

/** What a finished part holds, read from the file itself. */
export interface PartContent {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly statistics: Record<string, OutputStatistics>;
}

/**
 * Reads a finished part: digest, row count, statistics of the columns. A part that this run wrote
 * and one that an earlier attempt left are described by the same code, from the same bytes.
 */
export async function readBack(
  connection: DuckDBConnection,
  file: string,
  scoring: Scoring,
): Promise<PartContent> {
  const [digest, statistics] = await Promise.all([
    digestFile(file),
    readStatistics(connection, file, scoring),
  ]);
  return { ...digest, ...statistics };
}

/** Size and SHA-256 of a local file. */
export async function digestFile(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/**
 * Numbers that the job computes get bounds, mean and a histogram; columns that are only handed on
 * get the null counts of the file's footer, so that they are not read again.
 */
async function readStatistics(
  connection: DuckDBConnection,
  file: string,
  scoring: Scoring,
): Promise<{ rows: number; statistics: Record<string, OutputStatistics> }> {
  const { columns } = scoring.output;
  const footer = await connection.runAndReadAll(
    `SELECT path_in_schema, sum(num_values)::BIGINT, sum(stats_null_count)::BIGINT
     FROM parquet_metadata(${quotePath(file)}) GROUP BY 1`,
  );
  const nullsOf = new Map(
    footer.getRows().map(([name, , nulls]) => [String(name), Number(nulls ?? 0)]),
  );
  const total = await connection.runAndReadAll(
    `SELECT num_rows FROM parquet_file_metadata(${quotePath(file)})`,
  );
  const rows = Number(total.getRows()[0]?.[0] ?? 0);
  const measured = columns.filter((c) => NUMERIC.test(c.type) && !isHandedOn(c.sql, scoring));
  const numeric = measured.length === 0 ? new Map() : await readNumbers(connection, file, measured);
  const statistics: Record<string, OutputStatistics> = {};
  for (const column of columns) {
    statistics[column.name] = {
      count: rows,
      nulls: numeric.get(column.name)?.nulls ?? nullsOf.get(column.name) ?? 0,
      numeric: numeric.get(column.name)?.summary ?? null,
    };
  }
  return { rows, statistics };
}

/** Whether an expression is only a column of the input. */
function isHandedOn(sql: string, scoring: Scoring): boolean {
  const name = /^\(?(?:input\.)?(?:"((?:[^"]|"")*)"|([A-Za-z_]\w*))\)?$/i.exec(sql.trim());
  const wanted = (name?.[1]?.replaceAll('""', '"') ?? name?.[2])?.toLowerCase();
  return scoring.input.columns.some((column) => column.name.toLowerCase() === wanted);
}

interface Numbers {
  readonly nulls: number;
  readonly summary: NonNullable<OutputStatistics['numeric']>;
}

async function readNumbers(
  connection: DuckDBConnection,
  file: string,
  columns: Scoring['output']['columns'],
): Promise<Map<string, Numbers>> {
  const items = columns.map((column) => `${quoteName(column.name)}::DOUBLE`);
  const sql = `SELECT ${items.join(', ')} FROM read_parquet(${quotePath(file)}, hive_partitioning = false)`;
  const collectors = columns.map(() => new NumberCollector());
  for await (const chunk of streamChunks(connection, sql)) {
    const rows = chunk.rowCount;
    collectors.forEach((collector, index) => {
      const vector = columnVector(chunk, index);
      collector.add(vectorValues(vector, Float64Array, rows), vectorValidity(vector, rows));
    });
  }
  return new Map(
    columns.map((column, i) => [column.name, (collectors[i] ?? new NumberCollector()).finish()]),
  );
}

class NumberCollector {
  #histogram = new LogHistogram();
  #nulls = 0;
  #nan = 0;
  #infinite = 0;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;

  add(values: Float64Array, validity: Uint8Array | null): void {
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? 0;
      if (validity !== null && !isValid(validity, row)) this.#nulls++;
      else if (Number.isFinite(value)) {
        this.#sum += value;
        if (value < this.#min) this.#min = value;
        if (value > this.#max) this.#max = value;
        this.#histogram.add(value, 1);
      } else if (Number.isNaN(value)) this.#nan++;
      else this.#infinite++;
    }
  }

  finish(): Numbers {
    return {
      nulls: this.#nulls,
      summary: {
        nan: this.#nan,
        infinite: this.#infinite,
        min: this.#min === Infinity ? null : this.#min,
        max: this.#max === -Infinity ? null : this.#max,
        sum: this.#sum,
        histogram: this.#histogram.toBuckets(),
      },
    };
  }
}
