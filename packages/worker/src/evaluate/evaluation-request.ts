import type { Column, EvaluationTask, InputFile } from '@shardmill/core';
import type { ColumnPair } from '../compare/pair-columns.js';

/** What is to be evaluated with what. */
export interface EvaluationRequest {
  /** Parquet files with the scores, and those with the labels. */
  readonly scoreFiles: readonly InputFile[];
  readonly labelFiles: readonly InputFile[];
  /** Columns that identify a row: `scores` of the result, `expected` of the labels. */
  readonly keys: readonly ColumnPair[];
  /** Of the labels. */
  readonly label: Column;
  /** Of the result. */
  readonly scores: readonly Column[];
  /** Whether they were named: of columns that were not, those that suit the labels are evaluated. */
  readonly named: boolean;
  /** What the labels are; decided by their values where left out. */
  readonly task?: EvaluationTask | undefined;
  /** The label that stands for yes. */
  readonly positive?: string | undefined;
  readonly threshold: number;
}

export type ColumnKind = 'boolean' | 'number' | 'text' | 'other';

export function kindOfColumn({ type }: Column): ColumnKind {
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'VARCHAR') return 'text';
  return /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)
    ? 'number'
    : 'other';
}

export const isWhole = ({ type }: Column): boolean => /INT(EGER)?$/.test(type);
