import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { RunModel } from '../infer/run-batch.js';
import type { Substitute } from './substitute.js';
import { CHECKED_ROWS, substituteDifference } from './substitute-difference.js';

/** Scores batches by a substitute of the model, once its first rows were the same as those of the model. */
export class CheckedSubstitute {
  #state: 'unchecked' | 'same' | 'different' = 'unchecked';
  /** Rows that were scored both ways. */
  #compared = 0;

  /** @param onChecked is called once, with what is different, if anything; the model scores then. */
  constructor(
    readonly substitute: Substitute,
    readonly onChecked: (difference: string | undefined) => void,
  ) {}

  get inUse(): boolean {
    return this.#state === 'same';
  }

  /** Takes over what another lane has found of the same substitute, in place of a check. */
  settle(same: boolean): void {
    if (this.#state === 'unchecked') this.#state = same ? 'same' : 'different';
  }

  async run(
    feeds: readonly BatchTensor[],
    rows: number,
    outputs: readonly string[],
    runModel: RunModel,
  ): Promise<BatchTensor[]> {
    if (this.#state === 'unchecked') {
      const count = Math.min(rows, CHECKED_ROWS);
      const first = feeds.map((feed) => ({
        ...feed,
        data: feed.data.slice(0, count * feed.width),
      }));
      const wanted = await runModel(first, count);
      this.#check(first, count, wanted, outputs);
      if (count === rows) return wanted;
    }
    return this.inUse ? this.substitute.run(feeds, rows, outputs) : runModel(feeds, rows);
  }

  /** Compares what the model has made of some rows; another batch may have decided meanwhile. */
  #check(
    feeds: readonly BatchTensor[],
    rows: number,
    wanted: readonly BatchTensor[],
    outputs: readonly string[],
  ): void {
    if (this.#state !== 'unchecked') return;
    const difference = this.#compare(feeds, rows, wanted, outputs);
    this.#compared += rows;
    if (difference === undefined && this.#compared < CHECKED_ROWS) return;
    this.#state = difference === undefined ? 'same' : 'different';
    this.onChecked(difference);
  }

  /** What the substitute does otherwise than the model, if anything. */
  #compare(
    feeds: readonly BatchTensor[],
    rows: number,
    wanted: readonly BatchTensor[],
    outputs: readonly string[],
  ): string | undefined {
    try {
      return substituteDifference(
        this.substitute.run(feeds, rows, outputs),
        wanted,
        this.substitute.exact,
      );
    } catch (error) {
      return String(error);
    }
  }
}
