import type { BoundChallenger, ComparedKind } from '@shardmill/core';
import { invalidChallenger } from './about-challenger.js';

interface TypedColumn {
  /** As the champion has it. */
  readonly champion: string;
  readonly challenger: string;
  readonly types: { readonly champion: string | undefined; readonly challenger: string };
}

const FRACTIONS = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;

/**
 * How a challenger's columns are compared: those that the champion has, too, numbers with a fraction by
 * their differences and all else by whether it is the same.
 * @throws CHALLENGER_INVALID where two of one name cannot be compared, or there is nothing for the bands
 */
export function compareColumns(
  name: string,
  columns: readonly TypedColumn[],
  bands: readonly number[] | undefined,
): BoundChallenger['compared'] {
  const compared = columns.flatMap(({ champion, challenger, types }) => {
    if (types.champion === undefined) return [];
    const kind = kindOf(types.champion, types.challenger);
    if (kind !== undefined) return [{ champion, challenger, kind }];
    throw invalidChallenger(
      name,
      `columns.${champion}`,
      `it is ${types.challenger}, and "${champion}" of the champion is ${types.champion}`,
      'Cast one of them, or give the column another name: then it is not compared.',
    );
  });
  if (bands !== undefined && !compared.some(({ kind }) => kind === 'numbers')) {
    throw invalidChallenger(name, 'bands', 'no column with numbers is compared');
  }
  return compared;
}

function kindOf(one: string, other: string): ComparedKind | undefined {
  const isNumber = (type: string): boolean => FRACTIONS.test(type) || WHOLE.test(type);
  if (isNumber(one) && isNumber(other)) {
    return FRACTIONS.test(one) || FRACTIONS.test(other) ? 'numbers' : 'labels';
  }
  return one === other ? 'labels' : undefined;
}
