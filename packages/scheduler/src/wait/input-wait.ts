import { formatDuration, type Job, parseDurationMs } from '@shardmill/core';
import type { InputWait } from '@shardmill/queue';
import type { RegisteredRun } from '../state/fold-run.js';
import { conditionsOf } from './decide-wait.js';

/** What a look at the input found to be missing. */
export interface LookResult {
  readonly lacks: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a run waits for, as its log says; null for one that does not wait. */
export function inputWaitOf(
  { job, phase, since }: Pick<RegisteredRun, 'phase' | 'since'> & { readonly job: Job },
  last?: LookResult,
): InputWait | null {
  const { waitFor } = job.input;
  if (phase !== 'waiting' || waitFor === undefined) return null;
  const until = Date.parse(since) + parseDurationMs(waitFor.timeout);
  return {
    conditions: conditionsOf(waitFor),
    since,
    until: new Date(until).toISOString(),
    onTimeout: waitFor.onTimeout,
    lacks: last?.lacks ?? null,
    lookedAt: last === undefined ? null : new Date(last.at).toISOString(),
  };
}

/** `for marker _SUCCESS, for 12 min 03 s of 6 h 00 min, then it fails; /in/_SUCCESS is not there`. */
export function describeInputWait(
  { conditions, since, until, onTimeout, lacks }: InputWait,
  now: number,
): string {
  const from = Date.parse(since);
  const waited = formatDuration(Math.max(0, now - from));
  const allowed = formatDuration(Date.parse(until) - from);
  const seen = lacks === null ? '' : `; ${lacks.join('; ')}`;
  const what = conditions.join(' and ');
  return `for ${what}, for ${waited} of ${allowed}, then it ${THEN[onTimeout]}${seen}`;
}

const THEN: Readonly<Record<InputWait['onTimeout'], string>> = {
  fail: 'fails',
  skip: 'is skipped',
  run: 'runs with what is there',
};
