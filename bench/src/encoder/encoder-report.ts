import { metText, spreadText } from '../report-text.js';
import type { EncoderResult, LimitedRun } from '../results.js';

/** What people read of the encoder. */
export function encoderReport(result: EncoderResult | undefined): string[] {
  if (result === undefined) return [];
  const { rows, tokens, modelBytes, parts, productRowsPerSecond, baselineRowsPerSecond } = result;
  const { ratio, ratioWithoutStart, ratioByCpu, goal, peaks, memoryGoal } = result;
  return [
    `Encoder, ${(modelBytes / 1e6).toFixed(0)} MB, random weights, ${rows.toLocaleString('en')} rows of ${tokens} tokens, default settings, ${parts} parts`,
    `  product ${productRowsPerSecond.median.toFixed(1)} rows/s; ONNX Runtime ${baselineRowsPerSecond.median.toFixed(1)} rows/s, one session, all threads, batches of ${result.baselineBatchRows}`,
    `  ratio ${spreadText(ratio, 2)}, without start ${ratioWithoutStart.median.toFixed(2)}; goal >= ${goal.atLeast ?? ''} ${metText(goal)}`,
    `  ratio of rows per second of processor time, start included ${spreadText(ratioByCpu, 2)}`,
    `  a part has ${result.partRows.toLocaleString('en')} rows; a kill loses ${result.lostSeconds.toFixed(0)} s of work at most; goal < ${result.lostGoal.below ?? ''} s ${metText(result.lostGoal)}`,
    `  peak memory ${(peaks.pssBytes / 1e6).toFixed(0)} MB (PSS); goal < ${((memoryGoal.below ?? 0) / 1e6).toFixed(0)} MB ${metText(memoryGoal)}`,
    ...result.limited.map(limitedLine),
  ];
}

function limitedLine(run: LimitedRun): string {
  const { network, memoryLimit, rowsPerSecond, peaks, firstProgressMs, withinLimit, goal } = run;
  const first =
    firstProgressMs === undefined ? 'no line' : `${(firstProgressMs / 1000).toFixed(1)} s`;
  const killed = withinLimit ? 'never stopped for memory' : 'STOPPED for memory';
  return `  ${network}, --memory-limit ${memoryLimit}: ${rowsPerSecond.toFixed(1)} rows/s, ${(peaks.pssBytes / 1e6).toFixed(0)} MB, ${killed}, rows shown after ${first} (goal < ${(goal.below ?? 0) / 1000} s ${metText(goal)})`;
}
