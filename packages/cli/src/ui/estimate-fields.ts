import type { EstimatedRange, RunEstimate } from '@shardmill/client/services';
import { formatCost } from '@shardmill/core';
import { formatDuration, formatRate, plural } from './text/format.js';
import type { Field } from './text/text-layout.js';

/** What a run will take and cost, for the report of a plan. */
export function estimateFields(
  estimate: RunEstimate | null,
  place: 'here' | { readonly pool: string },
): Field[] {
  if (estimate === null) {
    const where = place === 'here' ? 'at this output location' : `on pool ${place.pool}`;
    return [['time', `not known: no past run of this job and model ${where}`]];
  }
  const { from, rowsPerSecond, workerSeconds, workers, seconds, cost } = estimate;
  const runs = from.map(({ run }) => run).join(', ');
  return [
    ['time', seconds === null ? noTime(workers, workerSeconds) : time(seconds, workers, place)],
    [
      '',
      `${range(rowsPerSecond, formatRate)} rows/s of one worker in ${plural(from.length, 'past run')}: ${runs}`,
    ],
    ...(cost === null
      ? []
      : [
          [
            'cost',
            `about ${range(cost, formatCost)} at ${estimate.pricePerWorkerHour} a worker hour`,
          ] satisfies Field,
        ]),
  ];
}

function time(
  seconds: EstimatedRange,
  workers: number | null,
  place: 'here' | { readonly pool: string },
): string {
  const where =
    place === 'here'
      ? 'on this machine'
      : `with ${plural(workers ?? 0, 'worker')} of pool ${place.pool}`;
  return `about ${range(seconds, duration)} ${where}`;
}

function noTime(workers: number | null, workerSeconds: EstimatedRange): string {
  const why =
    workers === null ? 'it is not known how many workers there are' : 'no worker is there';
  return `about ${range(workerSeconds, duration)} of worker time; ${why}`;
}

/** `12 s`, or `12 s (9 s to 20 s)` where single runs differ. */
function range({ low, likely, high }: EstimatedRange, format: (value: number) => string): string {
  const [from, middle, to] = [format(low), format(likely), format(high)];
  return from === to ? middle : `${middle} (${from} to ${to})`;
}

const duration = (seconds: number): string => formatDuration(seconds * 1000);
