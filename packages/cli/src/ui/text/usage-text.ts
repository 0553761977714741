import { formatCost, type RunUsage } from '@shardmill/core';
import { formatDuration } from './format.js';

type WorkUsage = Pick<RunUsage, 'workerSeconds' | 'unfinishedSeconds'>;

/** `1 h 26 min of worker time, 4 min of it in attempts that did not finish`. */
export function workTimeText({ workerSeconds, unfinishedSeconds = 0 }: WorkUsage): string {
  const all = `${formatDuration((workerSeconds + unfinishedSeconds) * 1000)} of worker time`;
  if (unfinishedSeconds === 0) return all;
  return `${all}, ${formatDuration(unfinishedSeconds * 1000)} of it in attempts that did not finish`;
}

/** The same with what it costs, where that is known. */
export function costText(usage: RunUsage): string | undefined {
  const { cost, pricePerWorkerHour: price } = usage;
  return cost === undefined
    ? undefined
    : `${formatCost(cost)}: ${workTimeText(usage)} at ${price} an hour`;
}
