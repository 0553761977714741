import {
  challengerOutputName,
  challengerScoredName,
  type Scoring,
  type TensorInfo,
} from '@shardmill/core';
import { ChallengerColumns } from '../scan/challenger-columns.js';
import { columnCount } from '../scan/column-view.js';
import type { PlacesByInput } from '../text-tables/text-places.js';

type Planned = Pick<Scoring, 'features' | 'challengers'>;

/**
 * The columns of challengers among the arguments of the model's function: behind the champion's features,
 * the key, the ticket, and the places of texts.
 */
export function challengerArguments(
  { features, challengers = [] }: Planned,
  places: PlacesByInput,
): ChallengerColumns {
  const firstColumn = columnCount(features) + 2 + places.size;
  return new ChallengerColumns(features, challengers, { firstColumn, ownTexts: true });
}

/** A field of the struct that the function returns, behind the champion's outputs. */
interface ChallengerField {
  readonly name: string;
  /** Undefined for whether the challenger scored the row. */
  readonly output: TensorInfo | undefined;
}

/** Of each challenger whether it scored the row, and its outputs. */
export function challengerFields({
  challengers = [],
}: Pick<Scoring, 'challengers'>): ChallengerField[] {
  return challengers.flatMap(({ model }, index) => [
    { name: challengerScoredName(index), output: undefined },
    ...model.outputs.map((output, i) => ({ name: challengerOutputName(index, i), output })),
  ]);
}
