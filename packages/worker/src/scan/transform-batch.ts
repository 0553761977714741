import type { DuckDBDataChunk } from '@duckdb/node-api';
import {
  type BoundFeature,
  type BoundTransform,
  type Column,
  ShardmillError,
} from '@shardmill/core';
import type { RecordBatch } from 'apache-arrow';
import type { ColumnView } from './column-view.js';

/** A job's transform, loaded: a function from one Arrow record batch to another. */
export interface LoadedTransform {
  /** Names and SQL types of the columns that it returns for a batch. */
  describe(batch: Promise<RecordBatch>): Promise<Column[]>;
  /** The features' columns for the rows of a chunk. @throws TRANSFORM_FAILED, TRANSFORM_INVALID */
  apply(
    chunk: DuckDBDataChunk,
    transform: BoundTransform,
    features: readonly BoundFeature[],
  ): Promise<ColumnView[]>;
}

/** @throws TRANSFORM_INVALID */
export async function loadTransform(transform: BoundTransform): Promise<LoadedTransform> {
  const run = await loadFunction(transform);
  const arrow = await import('./arrow-batch.js');
  const call = async (batch: RecordBatch): Promise<RecordBatch> => {
    let result: unknown;
    try {
      result = await run(batch);
    } catch (error) {
      throw new ShardmillError(
        'TRANSFORM_FAILED',
        `the transform threw: ${error instanceof Error ? error.message : String(error)}`,
        { where: transform.module, cause: error },
      );
    }
    return arrow.checkResult(result, batch.numRows, transform.module);
  };
  return {
    describe: async (batch) => arrow.columnsOf(await call(await batch)),
    apply: async (chunk, bound, features) =>
      arrow.viewBatch(await call(arrow.batchOf(chunk, bound.columns)), features, bound.module),
  };
}

/** A batch without rows and with the transform's input columns. */
export async function emptyBatch(columns: BoundTransform['columns']): Promise<RecordBatch> {
  const arrow = await import('./arrow-batch.js');
  return arrow.batchOf(undefined, columns);
}

type AnyFunction = (batch: RecordBatch) => unknown;

async function loadFunction(transform: BoundTransform): Promise<AnyFunction> {
  const { importModule } = await import('./import-module.js');
  const detail = { where: transform.module };
  let exported: unknown;
  try {
    const exports = await importModule(transform.module);
    // CommonJS may export the function itself.
    exported = Reflect.get(Object(exports), 'default') ?? exports;
  } catch (error) {
    throw new ShardmillError('TRANSFORM_INVALID', `cannot load the module: ${String(error)}`, {
      ...detail,
      cause: error,
    });
  }
  const found =
    transform.export === 'function'
      ? exported
      : Reflect.get(Object(Reflect.get(Object(exported), 'transform')), 'apply');
  if (isFunction(found)) return found;
  throw new ShardmillError(
    'TRANSFORM_INVALID',
    `expected ${transform.export === 'function' ? 'a function as default export' : 'transform.apply to be a function'}, found ${typeof found}`,
    detail,
  );
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
