import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type BindRequest,
  type BoundTransform,
  type Column,
  ShardmillError,
} from '@shardmill/core';
import { quoteName } from '../sql/quote.js';
import { emptyBatch, loadTransform } from '../scan/transform-batch.js';
import type { Addressed, TypesOf } from './bind-features.js';

export interface TransformBinding {
  readonly transform: BoundTransform;
  /** Columns of the batch that the function returns, with their SQL types. */
  readonly columns: Column[];
}

/**
 * Loads the job's transform and asks it for the columns that it makes, with an empty batch.
 * @throws TRANSFORM_INVALID
 */
export async function bindTransform(
  request: BindRequest,
  transform: NonNullable<BindRequest['job']['transform']>,
  typesOf: TypesOf,
  addressed: Addressed,
): Promise<TransformBinding> {
  const module =
    transform.module === undefined
      ? request.jobFile
      : path.resolve(path.dirname(request.jobFile), transform.module);
  const listed = Array.isArray(transform.columns)
    ? transform.columns.map((name) => [name, quoteName(name)] as const)
    : Object.entries(transform.columns);
  const types = await typesOf(
    listed.map(([label, sql]) => ({ sql, where: `transform.columns.${label}` })),
  );
  const columns = listed.map(([label, sql], index) => ({
    label,
    sql: addressed(sql),
    type: types[index] ?? '',
  }));
  const bound: BoundTransform = {
    module,
    export: transform.module === undefined ? 'job' : 'function',
    sha256: await digest(module),
    columns,
  };
  const apply = await loadTransform(bound);
  return { transform: bound, columns: await apply.describe(emptyBatch(columns)) };
}

async function digest(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error) {
    throw new ShardmillError('TRANSFORM_INVALID', `cannot read the module: ${String(error)}`, {
      where: file,
      cause: error,
    });
  }
}
