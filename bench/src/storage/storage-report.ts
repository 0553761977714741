import { metText, spreadText } from '../report-text.js';
import type { StorageResult, StorageRuns } from '../results.js';
import type { Spread } from '../spread.js';

/** What people read of it, as lines; empty where nothing was measured. */
export function storageReport(results: readonly StorageResult[] = []): string[] {
  return results.flatMap((result) => {
    const { model, rows, local, remote, loop, relayedMs, lateMs, latencyMs } = result;
    const { toLocal, toLoop, withLatency } = result;
    return [
      `${model} from S3 to S3 on loopback, ${rows.toLocaleString('en')} rows`,
      `  local ${runsText(local)}`,
      `  S3    ${runsText(remote)}`,
      ...(loop === undefined ? [] : [`  loop  ${runsText(loop)}`]),
      `  S3 through a relay ${seconds(relayedMs)}, with ${latencyMs} ms more for each answer ${seconds(lateMs)}`,
      `  S3 / local ${ratioText(toLocal)}`,
      ...(toLoop === undefined ? [] : [`  S3 / a plain pyarrow loop over S3 ${ratioText(toLoop)}`]),
      `  with ${latencyMs} ms / without ${ratioText(withLatency)}`,
    ];
  });
}

/** The store runs on the same cores. */
const runsText = ({ wallMs, cpuMs, othersMs }: StorageRuns): string =>
  `${seconds(wallMs)}; of processor time ${seconds(cpuMs)}, and others meanwhile ${seconds(othersMs)}`;

const seconds = ({ median, min, max }: Spread): string =>
  `${(median / 1000).toFixed(2)} s (${(min / 1000).toFixed(2)} to ${(max / 1000).toFixed(2)})`;

function ratioText({ ratio, goal }: StorageResult['toLocal']): string {
  return `${spreadText(ratio, 2)}; goal >= ${goal.atLeast ?? ''} ${metText(goal)}`;
}
