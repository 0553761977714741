import type { TreeProgram } from './generate.js';
import { webAssembly } from './wasm/webassembly.js';

type ScoreBlock = (first: number, count: number) => void;
type UnpackRows = (offset: number, count: number, rowBytes: number) => void;

/** One thread's instance of a program: put values in, score, look at the results. */
export class TreeScorer {
  readonly #memory: ArrayBuffer;
  readonly #score: ScoreBlock;
  readonly #unpack: UnpackRows;
  readonly #columns: ReadonlyMap<number, Float32Array<ArrayBuffer>>;
  readonly #scores: Float32Array<ArrayBuffer>;
  readonly #labels: BigInt64Array<ArrayBuffer>;
  readonly #staging: Float32Array<ArrayBuffer>;

  constructor(readonly program: TreeProgram) {
    const { module, columns, capacity, scores, labels, staging } = program;
    const { exports } = new webAssembly.Instance(module);
    this.#memory = (exports['memory'] as { readonly buffer: ArrayBuffer }).buffer;
    this.#score = exports['score'] as ScoreBlock;
    this.#unpack = exports['unpack'] as UnpackRows;
    this.#columns = new Map(
      columns.map(({ feature, address }) => [
        feature,
        new Float32Array(this.#memory, address, capacity),
      ]),
    );
    this.#scores = new Float32Array(this.#memory, scores.address, scores.width * capacity);
    this.#labels = new BigInt64Array(
      this.#memory,
      labels?.address ?? 0,
      labels === undefined ? 0 : capacity,
    );
    this.#staging = new Float32Array(this.#memory, staging.address, staging.values);
  }

  /**
   * Where the values of a feature go, one for each row up to the capacity.
   * @returns undefined where no tree looks at the feature.
   */
  column(feature: number): Float32Array<ArrayBuffer> | undefined {
    return this.#columns.get(feature);
  }

  /** Scores the first `rows` rows of the columns. */
  score(rows: number): void {
    const block = this.program.blockRows;
    for (let first = 0; first < rows; first += block) {
      this.#score(first, Math.min(block, rows - first));
    }
  }

  /**
   * Scores up to `capacity` rows of a tensor: `rows` times `width` values.
   * @throws RangeError where a tree looks at a feature that rows do not have
   */
  scoreRows(values: Float32Array, width: number, rows: number): void {
    const { columns, staging } = this.program;
    const last = columns.at(-1)?.feature ?? -1;
    // Four rows are read at once.
    const fit = Math.floor(staging.values / width / 4) * 4;
    if (last >= width || fit === 0) {
      throw new RangeError(`trees look at feature ${last}, and a row has ${width} values`);
    }
    for (let first = 0; first < rows; first += fit) {
      const count = Math.min(fit, rows - first);
      this.#staging.set(values.subarray(first * width, (first + count) * width));
      this.#unpack(4 * first, count, 4 * width);
    }
    this.score(rows);
  }

  /** Scores of the first rows, row by row; valid until the next ones are scored. */
  scores(rows: number): Float32Array<ArrayBuffer> {
    return this.#scores.subarray(0, rows * this.program.scores.width);
  }

  /** Labels of the first rows, of a classifier; integers are valid until the next ones are scored. */
  labels(rows: number): BigInt64Array<ArrayBuffer> | string[] {
    const labels = this.#labels.subarray(0, rows);
    const texts = this.program.labels?.texts;
    return texts === undefined ? labels : Array.from(labels, (label) => texts[Number(label)] ?? '');
  }
}
