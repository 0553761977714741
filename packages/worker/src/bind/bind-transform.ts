import path from 'node:path';
import {
  type AllowedLocations,
  type BindRequest,
  type BoundTransform,
  type Column,
  requireAllowed,
} from '@shardmill/core';
import { quoteName } from '../duckdb/quote.js';
import { digestModule } from '../scan/allowed-module.js';
import { emptyBatch, loadTransform } from '../scan/transform-batch.js';
import type { Addressed, TypesOf } from './features/bind-features.js';

export interface TransformBinding {
  readonly transform: BoundTransform;
  /** Columns of the batch that the function returns, with their SQL types. */
  readonly columns: Column[];
}

export interface TransformBinder {
  readonly typesOf: TypesOf;
  /** SQL with the names that the engine's queries have for columns. */
  readonly addressed: Addressed;
  /** What jobs may name; anything where undefined. */
  readonly allow: AllowedLocations | undefined;
}

/**
 * Loads the job's transform and asks it for the columns that it makes, with an empty batch.
 * @throws TRANSFORM_INVALID, LOCATION_FORBIDDEN
 */
export async function bindTransform(
  request: BindRequest,
  transform: NonNullable<BindRequest['job']['transform']>,
  { typesOf, addressed, allow }: TransformBinder,
): Promise<TransformBinding> {
  const module =
    transform.module === undefined
      ? request.jobFile
      : path.resolve(path.dirname(request.jobFile), transform.module);
  await requireAllowed(allow, 'transforms', module, request.job.name);
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
    sha256: await digestModule(module),
    columns,
  };
  const apply = await loadTransform(bound);
  return { transform: bound, columns: await apply.describe(emptyBatch(columns)) };
}
