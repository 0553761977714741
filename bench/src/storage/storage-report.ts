import type { ModelName } from '../options.js';
import type { Goal } from '../results.js';
import type { Spread } from '../spread.js';

interface Ratio {
  readonly ratio: Spread;
  readonly goal: Goal;
}

/** One run from S3 to S3, next to one from file to file and to one with a store that is farther away. */
export interface StorageResult {
  readonly model: ModelName;
  readonly rows: number;
  /** By how much each answer was late. */
  readonly latencyMs: number;
  readonly localMs: Spread;
  readonly remoteMs: Spread;
  readonly lateMs: Spread;
  /** Rows per second from S3 to S3, next to those from file to file. */
  readonly toLocal: Ratio;
  /** Rows per second with the latency, next to those without. */
  readonly withLatency: Ratio;
}

/** What people read of it, as lines; empty where nothing was measured. */
export function storageReport(results: readonly StorageResult[] = []): string[] {
  return results.flatMap((result) => {
    const { model, rows, latencyMs, localMs, remoteMs, lateMs, toLocal, withLatency } = result;
    return [
      `${model} from S3 to S3 on loopback, ${rows.toLocaleString('en')} rows`,
      `  local ${seconds(localMs)}, S3 ${seconds(remoteMs)}, S3 with ${latencyMs} ms more for each answer ${seconds(lateMs)}`,
      `  S3 / local ${ratioText(toLocal)}`,
      `  with ${latencyMs} ms / without ${ratioText(withLatency)}`,
    ];
  });
}

const seconds = ({ median, min, max }: Spread): string =>
  `${(median / 1000).toFixed(2)} s (${(min / 1000).toFixed(2)} to ${(max / 1000).toFixed(2)})`;

function ratioText({ ratio, goal }: Ratio): string {
  const { median, min, max } = ratio;
  const met = goal.met ? 'met' : 'NOT met';
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)}); goal >= ${goal.atLeast ?? ''} ${met}`;
}
