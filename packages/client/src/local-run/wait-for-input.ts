import { setTimeout as sleep } from 'node:timers/promises';
import { ShardmillError, type Stores } from '@shardmill/core';
import {
  afterLook,
  decideWait,
  describeInputWait,
  endOfWait,
  inputWaitOf,
  type JobRules,
  lookAtInput,
  type SeenInput,
} from '@shardmill/scheduler';
import type { LocalRunOptions, RunEvents } from './run-types.js';

/** How often it is reported how long the run has waited. */
const REPORT_MS = 1000;

/**
 * Waits for what the job says in `input.waitFor`, before anything is planned.
 * @throws INPUT_WAIT_TIMEOUT, RUN_SKIPPED; INTERRUPTED; what looking throws
 */
export async function waitForInput(
  { job, jobFile, signal }: Pick<LocalRunOptions, 'job' | 'jobFile' | 'signal'>,
  { stores, rules }: { readonly stores: Stores; readonly rules?: JobRules | undefined },
  events: Pick<RunEvents, 'waiting' | 'notice'>,
): Promise<void> {
  const { waitFor } = job.input;
  if (waitFor === undefined) return;
  const since = Date.now();
  let seen: SeenInput | undefined;
  for (;;) {
    const facts = await lookAtInput({ job, jobFile, stores, rules, signal }).catch(
      (error: unknown) => {
        if (signal.aborted) throw stopped();
        throw error;
      },
    );
    const now = Date.now();
    if (facts.files !== null) seen = afterLook(seen, facts.files.fingerprint, now);
    const decision = decideWait(facts, waitFor, since, seen?.since ?? now, now);
    if (decision.kind === 'go') return;
    const { lacks } = decision;
    if (decision.kind === 'timed-out') {
      const error = endOfWait(waitFor, lacks, now - since);
      if (error !== undefined) throw error;
      events.notice(`running with what is there: ${lacks.join('; ')}`);
      return;
    }
    const wait = inputWaitOf(
      { job, phase: 'waiting', since: new Date(since).toISOString() },
      { lacks, at: now },
    );
    const until = now + decision.delayMs;
    while (Date.now() < until) {
      if (wait !== null) events.waiting?.(wait, describeInputWait(wait, Date.now()));
      const left = Math.max(1, Math.min(REPORT_MS, until - Date.now()));
      await sleep(left, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw stopped();
    }
  }
}

const stopped = (): ShardmillError =>
  new ShardmillError('INTERRUPTED', 'the run was stopped while it waited for its input');
