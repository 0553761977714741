import { challengerOutputName, type Scoring, ShardmillError } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { PartPlace } from '../write/compare-outputs.js';
import { DirectAgreement } from '../write/direct-agreement.js';
import { directColumns } from '../write/direct-columns.js';
import { DirectStatistics } from '../write/direct-statistics.js';
import type { PackedChallenger } from './challenger-scorer.js';
import type { TalliedChallenger } from './part-order.js';

/** What a challenger does with the rows of one part, collected as they are scored. */
export class ChallengerTally {
  /** Numbers of its columns that are an output as it is. */
  readonly statistics: DirectStatistics;
  #sampled = 0;
  #failed = 0;
  #failure: string | undefined;
  readonly #agreement: DirectAgreement;

  /** @param index of the challenger among those of the run. */
  constructor(
    { output, model, challengers = [] }: Pick<Scoring, 'output' | 'model' | 'challengers'>,
    index: number,
    place: PartPlace,
  ) {
    const challenger = challengers[index];
    if (challenger === undefined) throw new ShardmillError('INTERNAL', `no challenger ${index}`);
    const outputs = challenger.model.outputs.map((one, i) => ({
      ...one,
      name: challengerOutputName(index, i),
    }));
    const own = directColumns(output.columns, outputs);
    this.statistics = new DirectStatistics(own);
    const champion = directColumns(output.columns, model.outputs);
    this.#agreement = new DirectAgreement(challenger, { champion, challenger: own }, place);
  }

  /**
   * Adds a chunk.
   * @param champion its rows and outputs, and how many rows of the part it has scored before.
   */
  add(
    packed: PackedChallenger,
    outputs: readonly BatchTensor[],
    champion: {
      readonly rows: number;
      readonly outputs: readonly BatchTensor[];
      readonly seen: number;
    },
  ): void {
    const { rows, positions } = packed;
    this.#sampled += packed.sampled;
    this.#failed += packed.failed.length;
    this.#failure ??= packed.failure;
    this.statistics.add({ rows, positions: undefined }, outputs, NONE);
    this.statistics.addNulls(champion.rows - rows);
    this.#agreement.add(champion.outputs, outputs, { rows, positions, firstRow: champion.seen });
  }

  finish(): TalliedChallenger {
    const numbers = this.#agreement.finish();
    const counted = { sampled: this.#sampled, failed: this.#failed, numbers };
    return { counted, failure: this.#failure };
  }
}

const NONE: ReadonlyMap<number, string> = new Map();
