import {
  type BoundJob,
  type Column,
  foldName,
  PARTITION_TYPES,
  ShardmillError,
  suggestion,
  whyNotPartitionName,
} from '@shardmill/core';
import type { ParsedOutput } from './bind-outputs.js';
import { SqlScope } from '../sql-scope.js';

const WHERE = 'output.partitionBy';

/**
 * Refuses partition columns that are not fixed by the plan: whose expressions use more than the
 * input's columns, so that two attempts at a part could put a row into two files. And those whose
 * values or names cannot be those of folders.
 * @param columns of the input.
 * @throws PARTITION_COLUMN
 */
export function checkPartitions(
  partitionBy: readonly string[],
  parsed: readonly ParsedOutput[],
  outputs: BoundJob['outputColumns'],
  columns: readonly Column[],
): void {
  const scope = new SqlScope(columns);
  const names = outputs.map(({ name }) => name);
  for (const [index, name] of partitionBy.entries()) {
    const expression = parsed.find((output) => output.name === name)?.expression;
    const type = outputs.find((output) => output.name === name)?.type;
    if (expression === undefined || type === undefined) {
      const near = suggestion(name, names, 'They are');
      throw refusal(`there is no output column "${name}".${near}`, {
        remedy: 'Name a column of output.columns or output.passThrough.',
      });
    }
    if (partitionBy.indexOf(name) < index) throw refusal(`"${name}" is named twice`);
    const fault = whyNotPartitionName(name);
    if (fault !== undefined) {
      throw refusal(`"${name}" cannot be the name of folders: ${fault}`, {
        remedy: 'Give the output column another name.',
      });
    }
    const other = expression.references.find(
      ({ path }) => isOfModel(path) || scope.columns(path).length === 0,
    );
    if (other !== undefined) {
      throw refusal(
        `"${name}" uses "${other.path.join('.')}", which is no column of the input: another attempt could put a row into another file`,
        {
          remedy: `Write the expression of ${name} over columns of the input alone, or hand the column on without partitioning by it.`,
        },
      );
    }
    if (!PARTITION_TYPES.has(type)) {
      throw refusal(`"${name}" is ${type}`, { remedy: remedyFor(name, type) });
    }
  }
  if (partitionBy.length === outputs.length) {
    throw refusal(
      'every output column is a partition column, and no column is left for the files',
      {
        remedy: 'Add a column to output.columns that is not in output.partitionBy.',
      },
    );
  }
}

const isOfModel = ([first, second]: readonly string[]): boolean =>
  second !== undefined && foldName(first ?? '') === 'model';

function remedyFor(name: string, type: string): string {
  const cast = type.startsWith('TIMESTAMP') ? 'DATE' : 'VARCHAR';
  return `Convert it, as in ${name}: 'CAST(… AS ${cast})'; texts, integers, BOOLEAN and DATE can name folders.`;
}

function refusal(message: string, { remedy }: { readonly remedy?: string } = {}): ShardmillError {
  return new ShardmillError('PARTITION_COLUMN', message, {
    where: WHERE,
    ...(remedy !== undefined && { remedy }),
  });
}
