import { parseDurationMs, type WaitFor } from '@shardmill/core';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { RunEvent } from '../../state/run-event.js';
import { decideWait, type InputFacts } from '../../wait/decide-wait.js';
import { endOfWait } from '../../wait/end-of-wait.js';
import type { InputCheckResult } from '../../wait/input-wait.js';
import { afterCheck, type SeenInput, shouldNote } from '../../wait/stillness.js';
import { BackgroundTask } from './background-task.js';
import type { RunContext } from './run-context.js';

/** A scheduler that does not lead a run checks its input so much more rarely. */
const STANDBY_FACTOR = 4;
/** The wait after a check got no slot. */
const SLOT_RETRY_MS = 1000;

export type WaitStep =
  | { readonly kind: 'append'; readonly event: RunEvent }
  | { readonly kind: 'later'; readonly delayMs: number };

/** Checks the input of one run that waits for it, in the background, so that it can be cancelled. */
export class RunWaiting {
  /** What the last check found. */
  last: InputCheckResult | undefined;
  readonly #task: BackgroundTask<InputFacts>;
  #seen: SeenInput | undefined;
  #round = -1;
  /** When the input was checked last, or when this began. */
  #checkedAt = 0;
  #delayMs = 0;

  constructor(
    readonly context: Pick<RunContext, 'checkInput' | 'checkSlots' | 'clock' | 'settings'>,
    wake: () => void,
  ) {
    const stopped = 'the run does not wait any more';
    this.#task = new BackgroundTask({ slots: context.checkSlots, wake, stopped });
  }

  /**
   * @param leads whether this scheduler checks; others do so more rarely, in case that it does not.
   * @throws what a check threw
   */
  step(run: RegisteredRun, leads: boolean): WaitStep {
    const { clock, settings } = this.context;
    const { waitFor } = run.request.job.input;
    const now = clock.now();
    if (waitFor === undefined) return append({ kind: 'waited', at: iso(now), lacks: [] });
    if (run.round !== this.#round) this.#begin(run, leads ? 0 : parseDurationMs(waitFor.every));
    const facts = this.#task.take(run.round);
    if (facts !== undefined) {
      const event = this.#judge(run, waitFor, facts, now);
      if (event !== undefined) return append(event);
    }
    const due = this.#checkedAt + this.#delayMs * (leads ? 1 : STANDBY_FACTOR);
    if (!this.#task.underWay && now >= due) return later(this.#check(run));
    return later(Math.max(1, Math.min(settings.intervalMs, due - now)));
  }

  /** Ends a check that is under way. */
  stop(run: string): void {
    this.#task.stop(run);
  }

  #begin(run: RegisteredRun, delayMs: number): void {
    this.#round = run.round;
    this.last = undefined;
    this.#checkedAt = this.context.clock.now();
    this.#delayMs = delayMs;
    const { unchanged } = run;
    this.#seen = unchanged === null ? undefined : seenOf(unchanged);
  }

  #judge(
    run: RegisteredRun,
    waitFor: WaitFor,
    facts: InputFacts,
    now: number,
  ): RunEvent | undefined {
    if (facts.files !== null) {
      this.#seen = afterCheck(this.#seen, facts.files.fingerprint, now);
    }
    const since = Date.parse(run.since);
    const decision = decideWait(facts, waitFor, since, this.#seen?.since ?? now, now);
    if (decision.kind === 'go') return { kind: 'waited', at: iso(now), lacks: [] };
    const { lacks } = decision;
    this.last = { lacks, at: now };
    this.#checkedAt = now;
    if (decision.kind === 'wait') {
      this.#delayMs = decision.delayMs;
      return this.#note(run, waitFor, now);
    }
    const error = endOfWait(waitFor, lacks, now - since)?.toRecord();
    if (error === undefined) return { kind: 'waited', at: iso(now), lacks };
    return error.code === 'RUN_SKIPPED'
      ? { kind: 'skipped', at: iso(now), error }
      : { kind: 'failed', at: iso(now), error, shardsFailed: 0 };
  }

  #note(run: RegisteredRun, { unchangedFor }: WaitFor, now: number): RunEvent | undefined {
    const seen = this.#seen;
    if (unchangedFor === undefined || seen === undefined) return undefined;
    const noted = run.unchanged === null ? undefined : seenOf(run.unchanged);
    const notes = run.events.filter(({ kind }) => kind === 'input-unchanged').length;
    if (!shouldNote(seen, noted, notes, parseDurationMs(unchangedFor), now)) return undefined;
    const { fingerprint } = seen;
    return { kind: 'input-unchanged', at: iso(now), fingerprint, since: iso(seen.since) };
  }

  /** @returns when to try again, in milliseconds. */
  #check(run: RegisteredRun): number {
    const { checkInput, settings } = this.context;
    const begun = this.#task.begin(run, (signal) => checkInput(run.request, signal));
    return begun ? settings.intervalMs : Math.min(SLOT_RETRY_MS, settings.intervalMs);
  }
}

const append = (event: RunEvent): WaitStep => ({ kind: 'append', event });
const later = (delayMs: number): WaitStep => ({ kind: 'later', delayMs });
const iso = (ms: number): string => new Date(ms).toISOString();

const seenOf = ({ fingerprint, since }: { fingerprint: string; since: string }): SeenInput => ({
  fingerprint,
  since: Date.parse(since),
});
