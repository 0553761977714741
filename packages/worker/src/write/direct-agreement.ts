import {
  type BoundChallenger,
  NumberAgreement,
  type NumbersState,
  RankSample,
} from '@shardmill/core';
import { DifferenceCounter } from '../number-kernel/difference-counter.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { PartPlace } from './compare-outputs.js';
import type { DirectColumn } from './direct-columns.js';

type Floats = Float32Array | Float64Array;

/** Rows of a challenger among those of the champion. */
interface ComparedRows {
  readonly rows: number;
  /** Which of the champion's rows each of them is; undefined where they are the same. */
  readonly positions: Int32Array | undefined;
  /** Row of the part's file that the champion's first one is. */
  readonly firstRow: number;
}

/**
 * How a challenger's columns compare with the champion's where both are an output as it is, collected while
 * rows go by in the order of the part's file: the same as `compareOutputs` reads from it.
 */
export class DirectAgreement {
  readonly #pairs: readonly {
    readonly column: string;
    readonly champion: DirectColumn;
    readonly challenger: DirectColumn;
    readonly agreement: NumberAgreement;
    readonly differences: DifferenceCounter;
  }[];
  readonly #sample: RankSample;

  constructor(
    { compared, bands, rankEvery }: Pick<BoundChallenger, 'compared' | 'bands' | 'rankEvery'>,
    direct: Readonly<Record<'champion' | 'challenger', readonly DirectColumn[]>>,
    place: PartPlace,
  ) {
    this.#sample = new RankSample(rankEvery, place);
    this.#pairs = compared.flatMap(({ kind, ...names }) => {
      const champion = direct.champion.find(({ name }) => name === names.champion);
      const challenger = direct.challenger.find(({ name }) => name === names.challenger);
      if (kind !== 'numbers' || champion === undefined || challenger === undefined) return [];
      const agreement = new NumberAgreement(bands);
      const differences = new DifferenceCounter(agreement);
      return [{ column: names.champion, champion, challenger, agreement, differences }];
    });
  }

  add(
    champion: readonly BatchTensor[],
    challenger: readonly BatchTensor[],
    { rows, positions, firstRow }: ComparedRows,
  ): void {
    for (const pair of this.#pairs) {
      const [ours, theirs] = [champion[pair.champion.tensor], challenger[pair.challenger.tensor]];
      if (ours === undefined || theirs === undefined) continue;
      const a = numbersOf(ours, pair.champion.element, rows, positions);
      const b = numbersOf(theirs, pair.challenger.element, rows, undefined);
      if (a === undefined || b === undefined) continue;
      pair.differences.add(a, b, rows);
      this.#addPlaces(pair.agreement, [a, b], { rows, positions, firstRow });
    }
  }

  /** Adds the rows that are ranked, and where there are bands, all of them. */
  #addPlaces(
    agreement: NumberAgreement,
    [champion, challenger]: readonly [Floats, Floats],
    { rows, positions, firstRow }: ComparedRows,
  ): void {
    const ranked =
      positions === undefined
        ? this.#sample.among(firstRow, rows)
        : [...positions.keys()].filter((row) =>
            this.#sample.has(firstRow + (positions[row] ?? row)),
          );
    const add = (row: number, isRanked: boolean): void =>
      agreement.addPlaces(champion[row] ?? Number.NaN, challenger[row] ?? Number.NaN, isRanked);
    if (!agreement.hasBands) {
      for (const row of ranked) add(row, true);
      return;
    }
    let next = 0;
    for (let row = 0; row < rows; row++) {
      const isRanked = row === ranked[next];
      if (isRanked) next++;
      add(row, isRanked);
    }
  }

  /** By the champion's column. */
  finish(): Map<string, NumbersState> {
    for (const { differences } of this.#pairs) differences.finish();
    return new Map(this.#pairs.map(({ column, agreement }) => [column, agreement.toState(column)]));
  }
}

/**
 * An element of some rows of an output; undefined where these are no floats.
 * @param positions of the rows; undefined for the first ones.
 */
function numbersOf(
  { data, width }: BatchTensor,
  element: number,
  rows: number,
  positions: Int32Array | undefined,
): Floats | undefined {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return undefined;
  if (width === 1 && positions === undefined) return data;
  const numbers = data instanceof Float32Array ? new Float32Array(rows) : new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    numbers[row] = data[(positions?.[row] ?? row) * width + element] ?? Number.NaN;
  }
  return numbers;
}
