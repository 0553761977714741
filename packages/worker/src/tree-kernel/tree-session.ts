import { ShardmillError, type TensorType } from '@shardmill/core';
import { type ModelPart, TreeScorer } from '@shardmill/trees';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { newTensorData } from '../onnx/tensor-types.js';
import type { SyncSession } from '../onnx/sync-session.js';
import type { TreeKernel } from './tree-kernel.js';

/** Opens a part of a model. @throws whatever ONNX Runtime throws */
export type LoadPart = (part: ModelPart) => SyncSession;

/** One thread's instance of a tree kernel; it takes the place of a session of ONNX Runtime. */
export class TreeSession {
  readonly #scorer: TreeScorer;

  private constructor(
    readonly kernel: TreeKernel,
    readonly before: SyncSession | undefined,
    readonly after: SyncSession | undefined,
  ) {
    this.#scorer = new TreeScorer(kernel.program);
  }

  /**
   * @param load opens a part of the model that ONNX Runtime runs
   * @throws whatever it throws
   */
  static open(kernel: TreeKernel, load: LoadPart): TreeSession {
    return new TreeSession(
      kernel,
      kernel.before && load(kernel.before),
      kernel.after && load(kernel.after),
    );
  }

  /** Rows that can be put into the columns at once. */
  get capacity(): number {
    return this.kernel.program.capacity;
  }

  /** Where values of a feature go for `scoreColumns`; undefined for one that no tree looks at. */
  column(feature: number): Float32Array<ArrayBuffer> | undefined {
    return this.#scorer.column(feature);
  }

  /** Scores the rows that are in the columns. @throws whatever ONNX Runtime throws */
  scoreColumns(rows: number, outputs: readonly string[]): BatchTensor[] {
    this.#scorer.score(rows);
    return this.#finish(this.#results(rows), rows, outputs);
  }

  /** Scores rows of the model's inputs. @throws whatever ONNX Runtime throws */
  run(feeds: readonly BatchTensor[], rows: number, outputs: readonly string[]): BatchTensor[] {
    const { input, program } = this.kernel;
    const inputs =
      this.before === undefined ? feeds : this.before.run(this.#feedsBefore(feeds), rows, [input]);
    const tensor = inputs.find(({ name }) => name === input);
    if (!(tensor?.data instanceof Float32Array)) {
      throw new ShardmillError('INTERNAL', `the input "${input}" of the trees is not float32`);
    }
    const { data, width } = tensor;
    const pieces: BatchTensor[][] = [];
    for (let first = 0; first < rows; first += program.capacity) {
      const count = Math.min(program.capacity, rows - first);
      this.#scorer.scoreRows(data.subarray(first * width), width, count);
      pieces.push(this.#results(count));
    }
    return this.#finish(joined(pieces), rows, outputs);
  }

  #feedsBefore(feeds: readonly BatchTensor[]): BatchTensor[] {
    return feeds.filter(({ name }) => this.kernel.before?.inputs.includes(name) === true);
  }

  /** The ensemble's outputs, copied: the next rows come into the same memory. */
  #results(rows: number): BatchTensor[] {
    const { program, ensembleOutputs } = this.kernel;
    const { width } = program.scores;
    const scores = this.#scorer.scores(rows).slice();
    return ensembleOutputs.map((name, place): BatchTensor => {
      if (program.labels === undefined || place > 0) {
        return { name, type: 'float32', rowShape: [width], width, data: scores };
      }
      const labels = this.#scorer.labels(rows);
      const type: TensorType = Array.isArray(labels) ? 'string' : 'int64';
      return { name, type, rowShape: [], width: 1, data: labels.slice() };
    });
  }

  #finish(
    results: readonly BatchTensor[],
    rows: number,
    outputs: readonly string[],
  ): BatchTensor[] {
    const { after, direct } = this.kernel;
    const wanted = outputs.filter((name) => !direct.has(name));
    const made =
      wanted.length === 0 || after === undefined || this.after === undefined
        ? []
        : this.after.run(
            results.filter(({ name }) => after.inputs.includes(name)),
            rows,
            wanted,
          );
    return outputs.map((name) => {
      const own = results[direct.get(name) ?? -1];
      const output = own === undefined ? made.find((one) => one.name === name) : { ...own, name };
      if (output === undefined) throw new ShardmillError('INTERNAL', `no output "${name}"`);
      return output;
    });
  }
}

/** Outputs of one range of rows after the other, as one. */
function joined(pieces: readonly BatchTensor[][]): BatchTensor[] {
  const [first = []] = pieces;
  if (pieces.length === 1) return first;
  return first.map((tensor, index) => {
    const parts = pieces.flatMap((piece) =>
      piece[index] === undefined ? [] : [piece[index].data],
    );
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const data = newTensorData(tensor.type, length);
    let at = 0;
    for (const part of parts) {
      if (data instanceof Float32Array && part instanceof Float32Array) data.set(part, at);
      else if (data instanceof BigInt64Array && part instanceof BigInt64Array) data.set(part, at);
      else for (let i = 0; i < part.length; i++) data[at + i] = part[i] ?? '';
      at += part.length;
    }
    return { ...tensor, data };
  });
}
