import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { RunModel } from '../infer/run-batch.js';
import type { Substitute } from './substitute.js';
import { CHECKED_ROWS, substituteDifference } from './substitute-difference.js';

/** Scores batches by a substitute of the model, once its first rows were the same as those of the model. */
export class CheckedSubstitute {
  #state: 'unchecked' | 'same' | 'different' = 'unchecked';

  /** @param onDifference is called with what is different, if anything; the model scores then. */
  constructor(
    readonly substitute: Substitute,
    readonly onDifference: (what: string) => void,
  ) {}

  get inUse(): boolean {
    return this.#state === 'same';
  }

  async run(
    feeds: readonly BatchTensor[],
    rows: number,
    outputs: readonly string[],
    runModel: RunModel,
  ): Promise<BatchTensor[]> {
    if (this.#state === 'same') return this.substitute.run(feeds, rows, outputs);
    if (this.#state === 'different' || rows < CHECKED_ROWS) return runModel(feeds, rows);
    const first = feeds.map((feed) => ({
      ...feed,
      data: feed.data.slice(0, CHECKED_ROWS * feed.width),
    }));
    const wanted = await runModel(first, CHECKED_ROWS);
    const difference = this.#compare(first, wanted, outputs);
    this.#state = difference === undefined ? 'same' : 'different';
    if (difference !== undefined) this.onDifference(difference);
    return difference === undefined
      ? this.substitute.run(feeds, rows, outputs)
      : runModel(feeds, rows);
  }

  /** What the substitute does otherwise than the model, if anything. */
  #compare(
    feeds: readonly BatchTensor[],
    wanted: readonly BatchTensor[],
    outputs: readonly string[],
  ): string | undefined {
    try {
      const got = this.substitute.run(feeds, CHECKED_ROWS, outputs);
      return substituteDifference(got, wanted, this.substitute.exact);
    } catch (error) {
      return String(error);
    }
  }
}
