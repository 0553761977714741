import {
  type BoundChallenger,
  NumberAgreement,
  type NumbersState,
  RankSample,
} from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { PartPlace } from './compare-outputs.js';
import type { DirectColumn } from './direct-columns.js';

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
      return [{ column: names.champion, champion, challenger, agreement }];
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
      const [a, b] = [ours.data, theirs.data];
      if (!isFloats(a) || !isFloats(b)) continue;
      for (let row = 0; row < rows; row++) {
        const position = positions?.[row] ?? row;
        pair.agreement.add(
          a[position * ours.width + pair.champion.element] ?? Number.NaN,
          b[row * theirs.width + pair.challenger.element] ?? Number.NaN,
          this.#sample.has(firstRow + position),
        );
      }
    }
  }

  /** By the champion's column. */
  finish(): Map<string, NumbersState> {
    return new Map(this.#pairs.map(({ column, agreement }) => [column, agreement.toState(column)]));
  }
}

function isFloats(data: BatchTensor['data']): data is Float32Array | Float64Array {
  return data instanceof Float32Array || data instanceof Float64Array;
}
