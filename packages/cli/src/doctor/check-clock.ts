import { withoutLogin } from '@shardmill/core';
import { formatDuration } from '../ui/text/format.js';
import { type Finding, ok, warn } from './finding.js';

/** S3 refuses requests that are dated 15 minutes off; a clock that drifts is reported before. */
const MUCH_MS = 60_000;
const WAIT_MS = 5000;

/** This machine's clock against the date in an answer of S3, whatever else it answers. */
export async function checkClock(endpoint: string, now: () => number): Promise<Finding[]> {
  let date: string | null;
  let sentAt: number;
  try {
    sentAt = now();
    const answer = await fetch(withoutLogin(endpoint), {
      method: 'HEAD',
      signal: AbortSignal.timeout(WAIT_MS),
    });
    date = answer.headers.get('date');
  } catch {
    // The check of the store reports that it cannot be reached.
    return [];
  }
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return [];
  const skewMs = Math.abs((sentAt + now()) / 2 - theirs);
  const found = `${formatDuration(skewMs)} apart from that of ${withoutLogin(endpoint)}`;
  return skewMs < MUCH_MS
    ? [ok('clock', found)]
    : [warn('clock', found, 'Synchronize the clock (NTP): S3 refuses requests 15 minutes off.')];
}
