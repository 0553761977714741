import type { BenchResult, Goal } from '../results.js';
import { formatTable } from '../text-table.js';

/** What was measured of fleets, as sections of lines; empty where nothing was. */
export function fleetReport({ fleet = [], shardOverhead, dispatch }: BenchResult): string[][] {
  const sections: string[][] = [];
  if (fleet.length > 0) {
    sections.push([
      'Two workers with one scheduler, next to `shardmill run`; both from S3 to S3 on loopback',
      ...formatTable(
        ['model', 'rows', 'fleet', 'run', 'ratio of rows a second', 'goal'],
        fleet.map(({ model, rows, fleetMs, runMs, ratio, goal }) => [
          model,
          rows.toLocaleString('en'),
          `${(fleetMs.median / 1000).toFixed(2)} s`,
          `${(runMs.median / 1000).toFixed(2)} s`,
          ratio.toFixed(2),
          goalText(goal),
        ]),
        1,
      ),
    ]);
  }
  if (shardOverhead !== undefined) {
    const { shards, medianMs, p90Ms, goal } = shardOverhead;
    sections.push([
      `Overhead of a shard, from queued to record written, ${shards} shards one after another:`,
      `  median ${medianMs.toFixed(1)} ms, 90th percentile ${p90Ms.toFixed(1)} ms; goal ${goalText(goal)}`,
    ]);
  }
  if (dispatch !== undefined) {
    const { shards, planSeconds, shardsPerSecond, redisBytes, residentBytes, goal } = dispatch;
    const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    sections.push([
      `A run of ${shards.toLocaleString('en')} shards, taken by workers that score nothing:`,
      `  planned in ${planSeconds.toFixed(1)} s, dispatched at ${Math.round(shardsPerSecond).toLocaleString('en')} shards a second`,
      `  Redis ${mib(redisBytes)} at most, goal below ${mib(goal.below ?? Number.NaN)}: ${goal.met ? 'met' : 'missed'}; scheduler and workers, one process here, ${mib(residentBytes)}`,
    ]);
  }
  return sections;
}

function goalText({ atLeast, below, met }: Goal): string {
  const goal = atLeast === undefined ? `below ${below}` : `at least ${atLeast}`;
  return `${goal}: ${met ? 'met' : 'missed'}`;
}
