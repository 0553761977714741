import { InferenceSession, Tensor } from 'onnxruntime-node';

/** One ONNX session that goes over rows in memory, batch by batch. */
export class InferenceLoop {
  readonly #session: InferenceSession;
  readonly #features: Float32Array;
  readonly #width: number;

  private constructor(session: InferenceSession, features: Float32Array, width: number) {
    this.#session = session;
    this.#features = features;
    this.#width = width;
  }

  /** @param features rows [n, width] float32, row-major. */
  static async create(
    model: string,
    threads: number,
    features: Float32Array,
    width: number,
  ): Promise<InferenceLoop> {
    const session = await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    });
    return new InferenceLoop(session, features, width);
  }

  /** Rows per second over at least so many seconds, after one batch that is not counted. */
  async run(batchRows: number, seconds: number): Promise<number> {
    const batches = this.#batches(batchRows);
    const [first] = batches;
    if (first === undefined) throw new RangeError('there are no rows');
    await this.#session.run({ features: first });
    let rows = 0;
    let elapsed = 0;
    const started = performance.now();
    while (elapsed < seconds * 1000) {
      for (const features of batches) {
        await this.#session.run({ features });
        rows += features.dims[0] ?? 0;
        elapsed = performance.now() - started;
        if (elapsed >= seconds * 1000) break;
      }
    }
    return (rows / elapsed) * 1000;
  }

  /** Views of whole batches; what is left over is not used, unless there is nothing else. */
  #batches(batchRows: number): Tensor[] {
    const rows = this.#features.length / this.#width;
    const size = Math.min(batchRows, rows);
    return Array.from({ length: Math.floor(rows / size) }, (_, index) => {
      const start = index * size * this.#width;
      const values = this.#features.subarray(start, start + size * this.#width);
      return new Tensor('float32', values, [size, this.#width]);
    });
  }
}
