import { RESERVED_PREFIX } from '../names/sql-names.js';

/**
 * Names in SQL of what challengers give, among the columns of the input and the outputs of the champion,
 * none of which can have such a name.
 */

/** An output of a challenger, both by their places. */
export const challengerOutputName = (challenger: number, output: number): string =>
  `${RESERVED_PREFIX}challenger_${challenger}_${output}`;

/** Whether it scored the row: null where the row is not in its share. */
export const challengerScoredName = (challenger: number): string =>
  `${RESERVED_PREFIX}challenger_${challenger}_scored`;

/** The column of the output that says so. */
export const scoredColumn = (name: string): string => `${name}_scored`;

/** The column of the output in which a challenger has its own value of a column. */
export const challengerColumn = (name: string, column: string): string => `${name}_${column}`;
