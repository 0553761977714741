import { z } from 'zod';
import { askProcess } from './child-process.js';
import { FEATURES } from './dataset.js';
import { logisticOf } from './models.js';

/** What `baseline-parquetjs-process.js` is asked. */
export const rowLoopRequest = z.object({
  data: z.string(),
  result: z.string(),
  features: z.array(z.string()),
  weights: z.array(z.number()),
  bias: z.number(),
});
const rowLoopAnswer = z.object({ rows: z.int().positive(), milliseconds: z.number().positive() });

/** Rows per second, without the start of the process. */
export interface RowLoopRun {
  readonly rows: number;
  readonly rowsPerSecond: number;
}

/**
 * A loop over rows with parquetjs-lite, which reads them, computes the logistic regression in
 * JavaScript and writes them, on one core: it cannot use more.
 * @param data small, and compressed in no other way than by snappy or gzip.
 */
export async function runRowLoop(
  data: string,
  result: string,
  threads: number,
): Promise<RowLoopRun> {
  const request: z.infer<typeof rowLoopRequest> = {
    data,
    result,
    features: [...FEATURES],
    ...logisticOf(),
  };
  const { answer } = await askProcess(
    new URL('./baseline-parquetjs-process.js', import.meta.url),
    request,
    rowLoopAnswer,
    threads,
  );
  return { rows: answer.rows, rowsPerSecond: (answer.rows / answer.milliseconds) * 1000 };
}
