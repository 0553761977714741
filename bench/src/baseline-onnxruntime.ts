import { z } from 'zod';
import { askProcess } from './child-process.js';
import { FEATURES } from './dataset.js';
import { type Spread, spreadOf } from './spread.js';

/** A way to keep the cores busy with inference alone. */
const inferenceSetup = z.object({
  /** One session with a thread per core, or on each core a thread with a session of its own. */
  sessions: z.enum(['one', 'one-per-thread']),
  batchRows: z.int().positive(),
});
export type InferenceSetup = z.infer<typeof inferenceSetup>;

/** What `baseline-onnxruntime-process.js` is asked. */
export const inferenceRequest = z.object({
  model: z.string(),
  data: z.string(),
  columns: z.array(z.string()),
  threads: z.int().positive(),
  setups: z.array(inferenceSetup),
  seconds: z.number().positive(),
});
export type InferenceRequest = z.infer<typeof inferenceRequest>;

/** What it answers: for each setup, rows per second. */
const inferenceAnswer = z.object({ rowsPerSecond: z.array(z.number().positive()) });

const SETUPS: readonly InferenceSetup[] = (['one', 'one-per-thread'] as const).flatMap((sessions) =>
  [1024, 8192].map((batchRows) => ({ sessions, batchRows })),
);
const TRIAL_SECONDS = 1;
const MEASURE_SECONDS = 3;
/** Setups that a short trial finds this close to the best are all measured at length. */
const CLOSE = 0.85;

/** ONNX Runtime alone: batches of the dataset's own features, in memory before the clock starts. */
export class OnnxRuntimeBaseline {
  readonly #request: Omit<InferenceRequest, 'setups' | 'seconds'>;
  #setups: readonly InferenceSetup[] = SETUPS;
  readonly #rates = new Map<InferenceSetup, number[]>();

  constructor(options: { model: string; data: string; threads: number }) {
    this.#request = { ...options, columns: [...FEATURES] };
  }

  /** Finds out which setups may be the fastest on this machine. */
  async tryOut(): Promise<void> {
    const rates = await this.#ask(TRIAL_SECONDS);
    const best = Math.max(...rates);
    this.#setups = this.#setups.filter((_, index) => (rates[index] ?? 0) >= CLOSE * best);
  }

  /** Takes one more measurement. */
  async measure(): Promise<void> {
    const rates = await this.#ask(MEASURE_SECONDS);
    for (const [index, setup] of this.#setups.entries()) {
      const rate = rates[index] ?? Number.NaN;
      this.#rates.set(setup, [...(this.#rates.get(setup) ?? []), rate]);
    }
  }

  /** The setup with the best median of the measurements so far. */
  fastest(): { readonly setup: InferenceSetup; readonly rowsPerSecond: readonly number[] } {
    const medianOf = (rates: readonly number[]): Spread['median'] => spreadOf(rates).median;
    const [first] = [...this.#rates].toSorted(([, a], [, b]) => medianOf(b) - medianOf(a));
    if (first === undefined) throw new TypeError('nothing has been measured');
    return { setup: first[0], rowsPerSecond: first[1] };
  }

  async #ask(seconds: number): Promise<number[]> {
    const request: InferenceRequest = { ...this.#request, setups: [...this.#setups], seconds };
    const { answer } = await askProcess(
      new URL('./baseline-onnxruntime-process.js', import.meta.url),
      request,
      inferenceAnswer,
      request.threads,
    );
    return answer.rowsPerSecond;
  }
}
