import { parseDurationMs, ShardmillError, type WaitFor } from '@shardmill/core';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { RunEvent } from '../../state/run-event.js';
import { decideWait, type InputFacts } from '../../wait/decide-wait.js';
import { endOfWait } from '../../wait/end-of-wait.js';
import type { LookResult } from '../../wait/input-wait.js';
import { afterLook, type SeenInput, shouldNote } from '../../wait/stillness.js';
import type { RunContext } from './run-context.js';

/** A scheduler that does not lead a run looks at its input so much more rarely. */
const STANDBY_FACTOR = 4;
/** After it got no slot for a look. */
const SLOT_RETRY_MS = 1000;

export type WaitStep =
  | { readonly kind: 'append'; readonly event: RunEvent }
  | { readonly kind: 'later'; readonly delayMs: number };

type Settled = { readonly round: number } & (
  | { readonly facts: InputFacts }
  | { readonly error: unknown }
);

/** The looks at the input of one run that waits for it, in the background, so that it can be cancelled. */
export class RunWaiting {
  /** What the last look found. */
  last: LookResult | undefined;
  #underWay: AbortController | undefined;
  #settled: Settled | undefined;
  #seen: SeenInput | undefined;
  #round = -1;
  /** When it was looked last, or when this began. */
  #lookedAt = 0;
  #delayMs = 0;

  constructor(
    readonly context: Pick<RunContext, 'lookAtInput' | 'lookSlots' | 'clock' | 'settings'>,
    readonly wake: () => void,
  ) {}

  /**
   * @param leads whether this scheduler looks; others do so more rarely, in case that it does not.
   * @throws what a look threw
   */
  step(run: RegisteredRun, leads: boolean): WaitStep {
    const { clock, settings } = this.context;
    const { waitFor } = run.request.job.input;
    const now = clock.now();
    if (waitFor === undefined) return append({ kind: 'waited', at: iso(now), lacks: [] });
    if (run.round !== this.#round) this.#begin(run, leads ? 0 : parseDurationMs(waitFor.every));
    const facts = this.#take(run.round);
    if (facts !== undefined) {
      const event = this.#judge(run, waitFor, facts, now);
      if (event !== undefined) return append(event);
    }
    const due = this.#lookedAt + this.#delayMs * (leads ? 1 : STANDBY_FACTOR);
    if (this.#underWay === undefined && now >= due) return later(this.#look(run));
    return later(Math.max(1, Math.min(settings.intervalMs, due - now)));
  }

  /** Ends a look that is under way. */
  stop(run: string): void {
    this.context.lookSlots.leave(run);
    this.#underWay?.abort(new ShardmillError('INTERRUPTED', 'the run does not wait any more'));
    this.#underWay = undefined;
  }

  #begin(run: RegisteredRun, delayMs: number): void {
    this.#round = run.round;
    this.last = undefined;
    this.#lookedAt = this.context.clock.now();
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
      this.#seen = afterLook(this.#seen, facts.files.fingerprint, now);
    }
    const since = Date.parse(run.since);
    const decision = decideWait(facts, waitFor, since, this.#seen?.since ?? now, now);
    if (decision.kind === 'go') return { kind: 'waited', at: iso(now), lacks: [] };
    const { lacks } = decision;
    this.last = { lacks, at: now };
    this.#lookedAt = now;
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

  /** @returns when to ask again, in milliseconds. */
  #look(run: RegisteredRun): number {
    const { lookAtInput, lookSlots, settings } = this.context;
    const { run: id, submittedBy: submitter } = run.request;
    const giveBack = lookSlots.take({ run: id, submitter });
    if (giveBack === undefined) return Math.min(SLOT_RETRY_MS, settings.intervalMs);
    const controller = new AbortController();
    this.#underWay = controller;
    void lookAtInput(run.request, controller.signal)
      .then(
        (facts) => ({ round: run.round, facts }),
        (error: unknown) => ({ round: run.round, error }),
      )
      .then((settled) => {
        giveBack();
        if (this.#underWay !== controller) return;
        this.#settled = settled;
        this.#underWay = undefined;
        this.wake();
      });
    return settings.intervalMs;
  }

  #take(round: number): InputFacts | undefined {
    const settled = this.#settled;
    this.#settled = undefined;
    if (settled?.round !== round) return undefined;
    if ('error' in settled) throw settled.error;
    return settled.facts;
  }
}

const append = (event: RunEvent): WaitStep => ({ kind: 'append', event });
const later = (delayMs: number): WaitStep => ({ kind: 'later', delayMs });
const iso = (ms: number): string => new Date(ms).toISOString();

const seenOf = ({ fingerprint, since }: { fingerprint: string; since: string }): SeenInput => ({
  fingerprint,
  since: Date.parse(since),
});
