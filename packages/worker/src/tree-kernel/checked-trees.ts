import type { BatchTensor } from '../onnx/batch-tensor.js';
import { CHECKED_ROWS, kernelDifference } from './check-kernel.js';
import type { TreeSession } from './tree-session.js';

/** Runs the model itself on the first rows of some tensors. */
type RunModel = (feeds: readonly BatchTensor[], rows: number) => Promise<BatchTensor[]>;

/** Scores batches by a tree kernel, once its first rows were the same as those of the model. */
export class CheckedTrees {
  #state: 'unchecked' | 'same' | 'different' = 'unchecked';

  /** @param onDifference is called with what is different, if anything; the model scores then. */
  constructor(
    readonly trees: TreeSession,
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
    if (this.#state === 'same') return this.trees.run(feeds, rows, outputs);
    if (this.#state === 'different' || rows < CHECKED_ROWS) return runModel(feeds, rows);
    const first = feeds.map((feed) => ({
      ...feed,
      data: feed.data.slice(0, CHECKED_ROWS * feed.width),
    }));
    const wanted = await runModel(first, CHECKED_ROWS);
    const difference = this.#compare(first, wanted, outputs);
    this.#state = difference === undefined ? 'same' : 'different';
    if (difference !== undefined) this.onDifference(difference);
    return difference === undefined ? this.trees.run(feeds, rows, outputs) : runModel(feeds, rows);
  }

  /** What the kernel does otherwise than the model, if anything. */
  #compare(
    feeds: readonly BatchTensor[],
    wanted: readonly BatchTensor[],
    outputs: readonly string[],
  ): string | undefined {
    try {
      const got = this.trees.run(feeds, CHECKED_ROWS, outputs);
      return kernelDifference(got, wanted, this.trees.kernel.exact);
    } catch (error) {
      return String(error);
    }
  }
}
