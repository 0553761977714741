import { metText, spreadText } from '../report-text.js';
import type { StorageResult } from '../results.js';
import type { Spread } from '../spread.js';

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

function ratioText({ ratio, goal }: StorageResult['toLocal']): string {
  return `${spreadText(ratio, 2)}; goal >= ${goal.atLeast ?? ''} ${metText(goal)}`;
}
