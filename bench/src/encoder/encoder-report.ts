import type { EncoderResult } from '../results.js';

/** What people read of the encoder. */
export function encoderReport(result: EncoderResult | undefined): string[] {
  if (result === undefined) return [];
  const { rows, tokens, modelBytes, parts, productRowsPerSecond, baselineRowsPerSecond } = result;
  const { ratio, ratioWithoutStart, goal, peaks, memoryGoal } = result;
  const met = (reached: boolean): string => (reached ? 'met' : 'NOT met');
  return [
    `Encoder, ${(modelBytes / 1e6).toFixed(0)} MB, random weights, ${rows.toLocaleString('en')} rows of ${tokens} tokens, default settings, ${parts} parts`,
    `  product ${productRowsPerSecond.median.toFixed(1)} rows/s; ONNX Runtime ${baselineRowsPerSecond.median.toFixed(1)} rows/s, one session, all threads, batches of ${result.baselineBatchRows}`,
    `  ratio ${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}), without start ${ratioWithoutStart.median.toFixed(2)}; goal >= ${goal.atLeast ?? ''} ${met(goal.met)}`,
    `  peak memory ${(peaks.pssBytes / 1e6).toFixed(0)} MB (PSS); goal < ${((memoryGoal.below ?? 0) / 1e6).toFixed(0)} MB ${met(memoryGoal.met)}`,
  ];
}
