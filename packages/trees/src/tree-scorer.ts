import type { TreeProgram } from './generate.js';

/** One thread's instance of a program: put values in, score, look at the results. */
export class TreeScorer {
  readonly #memory: ArrayBuffer;
  readonly #score: (first: number, count: number) => void;
  readonly #unpack: (offset: number, count: number) => void;
  readonly #columns: ReadonlyMap<number, Float32Array<ArrayBuffer>>;
  readonly #scores: Float32Array<ArrayBuffer>;
  readonly #labels: BigInt64Array<ArrayBuffer>;
  readonly #rows: Float32Array<ArrayBuffer>;

  constructor(readonly program: TreeProgram) {
    const { module, columns, capacity, scores, labels, rows, width } = program;
    const { exports } = new WebAssembly.Instance(module);
    this.#memory = (exports['memory'] as WebAssembly.Memory).buffer as ArrayBuffer;
    this.#score = exports['score'] as (first: number, count: number) => void;
    this.#unpack = exports['unpack'] as (offset: number, count: number) => void;
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
    this.#rows = new Float32Array(this.#memory, rows.address, rows.capacity * width);
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
    const block = this.program.rows.capacity;
    for (let first = 0; first < rows; first += block) {
      this.#score(first, Math.min(block, rows - first));
    }
  }

  /** Scores up to `capacity` rows of a tensor: `rows` times `width` values. */
  scoreRows(values: Float32Array, rows: number): void {
    const { width, rows: staging } = this.program;
    for (let first = 0; first < rows; first += staging.capacity) {
      const count = Math.min(staging.capacity, rows - first);
      this.#rows.set(values.subarray(first * width, (first + count) * width));
      this.#unpack(4 * first, count);
      this.#score(first, count);
    }
  }

  /** Scores of the first rows, row by row; good until the next ones are scored. */
  scores(rows: number): Float32Array<ArrayBuffer> {
    return this.#scores.subarray(0, rows * this.program.scores.width);
  }

  /** Labels of the first rows, of a classifier; integers are good until the next ones are scored. */
  labels(rows: number): BigInt64Array<ArrayBuffer> | string[] {
    const labels = this.#labels.subarray(0, rows);
    const texts = this.program.labels?.texts;
    return texts === undefined ? labels : Array.from(labels, (label) => texts[Number(label)] ?? '');
  }
}
