import {
  canonicalJson,
  type ErrorCode,
  type ErrorRecord,
  ERRORS,
  FAILURE_FORMAT,
  failureKey,
  type ObjectStore,
  type PartRecord,
  type ShardFailure,
  ShardmillError,
  type ShardRecord,
  shardRecordKey,
  toShardmillError,
  workOf,
} from '@shardmill/core';
import type { Attempt, ShardOutcome, ShardTask } from '@shardmill/queue';
import { untilAborted } from '../engine-process/until-aborted.js';
import { checkOutput, checkReads } from './check-locations.js';
import { decideOutcome } from './decide-outcome.js';
import { whereOf } from './shard-place.js';
import type { ShardEnd, ShardToScore, ShardWorkerContext } from './shard-worker-context.js';
import type { FoundShard } from './stored-plans.js';
import { deleteOrphanedParts } from './delete-orphaned-parts.js';

/** How an attempt ended: for the queue, and for this worker. */
interface Ended {
  readonly outcome: ShardOutcome;
  readonly end: ShardEnd;
}

const SETTLED: ShardOutcome = { kind: 'settled' };
const HANDED_BACK: ShardOutcome = { kind: 'handed-back' };

/** One attempt at a shard. */
export class ShardAttempt {
  readonly #startedAt: number;
  readonly #created: PartRecord[] = [];
  /** Keys of files of parts, which may never be finished. */
  readonly #createdFiles: string[] = [];
  #resumedParts = 0;
  /** Set once the plan was there and the attempt began to score. */
  #found: FoundShard | undefined;
  /** All attempts of this round that failed. */
  #failed: readonly Attempt[];

  constructor(
    readonly context: ShardWorkerContext,
    readonly task: ShardTask,
    readonly drop: AbortSignal,
    /** Its share of the time of this worker, in seconds. */
    readonly spent: () => number,
  ) {
    this.#startedAt = context.now();
    this.#failed = task.failed;
  }

  /** The store of the output. Not to be used before the log of runs has confirmed the message. */
  get #store(): ObjectStore {
    return this.context.store(this.task.message.output);
  }

  /** Of all attempts of this round with this one, which did not finish the shard. */
  unfinished(): number {
    return (this.task.unfinishedSeconds ?? 0) + this.spent();
  }

  async run(storeFailures: Map<string, number>, fullSince: Map<string, number>): Promise<Ended> {
    const { output, planRun, round } = this.task.message;
    const roundOfRun = `${planRun}.${round}`;
    const unconfirmed = await this.#confirm();
    if (unconfirmed !== undefined) return unconfirmed;
    try {
      const ended = await untilAborted(this.#try(), this.drop);
      storeFailures.delete(output);
      fullSince.delete(roundOfRun);
      return ended;
    } catch (thrown) {
      const error = toShardmillError(thrown);
      const unreachable = error.code === 'STORE_UNREACHABLE';
      const failures = unreachable ? (storeFailures.get(output) ?? 0) + 1 : 0;
      if (unreachable) storeFailures.set(output, failures);
      else if (error.code !== 'INTERRUPTED') storeFailures.delete(output);
      const { now } = this.context;
      const since = error.code === 'DISK_FULL' ? (fullSince.get(roundOfRun) ?? now()) : now();
      if (error.code === 'DISK_FULL') fullSince.set(roundOfRun, since);
      return untilAborted(this.#after(error, failures, now() - since), this.drop).catch(
        (second: unknown) => this.#cannotRecord(toShardmillError(second), failures),
      );
    }
  }

  /** Holds the message against the log of runs. @returns how it ended where it is not followed. */
  async #confirm(): Promise<Ended | undefined> {
    const { runs } = this.context;
    if (runs === undefined) return undefined;
    try {
      const reason = await untilAborted(runs.refusal(this.task), this.drop);
      return reason === undefined ? undefined : this.#refuse(reason);
    } catch (thrown) {
      const error = toShardmillError(thrown);
      const isTheLogs = ERRORS[error.code].retry === 'never' && error.code !== 'STORE_DENIED';
      return isTheLogs ? this.#refuse(error.message) : this.#cannotRecord(error, 0);
    }
  }

  /** A failure would be written to the output, too: the shard leaves the queue, and nothing else. */
  async #forbidden(found: FoundShard): Promise<Ended | undefined> {
    try {
      await checkOutput(this.context, found);
      return undefined;
    } catch (thrown) {
      const { code, message } = toShardmillError(thrown);
      if (code === 'LOCATION_FORBIDDEN') return this.#refuse(message, code);
      throw thrown;
    }
  }

  #refuse(reason: string, code: ErrorCode = 'MESSAGE_REFUSED'): Ended {
    const { run, shard } = this.task.message;
    const message = `shard ${shard} of run ${run} is refused: ${reason}`;
    const error = new ShardmillError(code, message).toRecord();
    return { outcome: { kind: 'refused', reason }, end: { kind: 'refused', error } };
  }

  async #try(): Promise<Ended> {
    const { plans, scoreShard } = this.context;
    const { task } = this;
    const { message } = task;
    if (task.signal.aborted) return this.#abandoned();
    // In this order: a plan that is held in memory says nothing about the store.
    const [there, found] = [await plans.exists(message), await plans.find(message)];
    if (!there || found === undefined) return this.#runGone();
    const forbidden = await this.#forbidden(found);
    if (forbidden !== undefined) return forbidden;
    const { planRun: run, shard } = message;
    const earlier = await plans.findRecord(message);
    if (earlier !== undefined) {
      this.#refuseOther(earlier);
      this.#publishDone(earlier);
      return { outcome: SETTLED, end: { kind: 'found', record: earlier } };
    }
    const last = task.failed.at(-1);
    // Its last attempt was over, but the failure could not be written.
    if (last !== undefined && task.failed.length >= message.attempts) {
      return this.#fail(last.error);
    }
    this.#found = found;
    const signal = AbortSignal.any([task.signal, this.drop]);
    signal.throwIfAborted();
    await checkReads(this.context, found);
    const onPart: ShardToScore['onPart'] = (part, created) => {
      if (created) this.#created.push(part);
      else this.#resumedParts++;
    };
    const onFile = (key: string): void => void this.#createdFiles.push(key);
    const scored = await scoreShard({ message, ...found, onPart, onFile }, signal);
    const record = this.#withAttempts(scored);
    if (!(await plans.exists(message))) return this.#runGone();
    // Another worker that finished the shard has written the same: the first record stays.
    await this.#store.create(shardRecordKey(run, shard), encode(record));
    this.#publishDone(record);
    return { outcome: SETTLED, end: { kind: 'done', record, resumedParts: this.#resumedParts } };
  }

  /** The attempt ended without a record. @throws STORE_… */
  async #after(
    error: ShardmillError,
    storeFailures: number,
    diskFullForMs: number,
  ): Promise<Ended> {
    const { message, signal } = this.task;
    if (this.drop.aborted) return { outcome: HANDED_BACK, end: { kind: 'handed-back' } };
    // A part that is created after the check for the plan would be orphaned.
    await this.context.untilOut?.(message);
    // Nothing more is asked of a store that does not answer.
    if (error.code !== 'STORE_UNREACHABLE' && !(await this.context.plans.exists(message))) {
      return this.#runGone();
    }
    if (signal.aborted) return this.#abandoned();
    const decision = decideOutcome({
      code: error.code,
      failedBefore: this.#failed.length,
      attempts: message.attempts,
      storeFailures,
      diskFullForMs,
      diskFullWaitMs: message.diskFullWaitMs,
      random: this.context.random(),
    });
    const record = this.#located(error);
    switch (decision.kind) {
      case 'hand-back':
        return { outcome: HANDED_BACK, end: { kind: 'handed-back' } };
      case 'again': {
        const { delayMs, spent } = decision;
        if (spent) this.#spend(record);
        this.#publish('shard-retried', record);
        const diskWaitMs =
          error.code === 'DISK_FULL' && !spent ? message.diskFullWaitMs - diskFullForMs : undefined;
        return {
          outcome: { kind: 'again', delayMs, failed: this.#failed },
          end: { kind: 'again', error: record, spent, diskWaitMs },
        };
      }
      case 'fail':
        this.#spend(record);
        return this.#fail(record);
      default: {
        const unknown: never = decision;
        return unknown;
      }
    }
  }

  /** The store failed while the shard's end was to be written: the shard is tried again, later. */
  #cannotRecord(error: ShardmillError, storeFailures: number): Ended {
    if (this.drop.aborted) return { outcome: HANDED_BACK, end: { kind: 'handed-back' } };
    if (this.task.signal.aborted) return this.#abandoned();
    const decision = decideOutcome({
      code: 'STORE_UNREACHABLE',
      failedBefore: this.#failed.length,
      attempts: this.task.message.attempts,
      storeFailures: storeFailures + 1,
      diskFullForMs: 0,
      diskFullWaitMs: 0,
      random: this.context.random(),
    });
    const delayMs = decision.kind === 'again' ? decision.delayMs : 0;
    return {
      outcome: { kind: 'again', delayMs, failed: this.#failed },
      end: { kind: 'again', error: error.toRecord(), spent: false },
    };
  }

  async #fail(error: ErrorRecord): Promise<Ended> {
    const { planRun, planDigest, round, shard } = this.task.message;
    // Another worker may have done it; a record that cannot be read is a reason to fail.
    const key = shardRecordKey(planRun, shard);
    if (error.where !== this.#store.locate(key)) {
      const record = await this.context.plans.findRecord(this.task.message);
      if (record !== undefined) return { outcome: SETTLED, end: { kind: 'found', record } };
    }
    const failure: ShardFailure = {
      format: FAILURE_FORMAT,
      runId: planRun,
      planDigest,
      round,
      shard,
      ...error,
      story: this.#failed.map((attempt) => ({ ...attempt })),
      unfinishedSeconds: this.unfinished(),
    };
    await this.#store.create(failureKey(planRun, round, shard), encode(failure));
    this.#publish('shard-failed', error);
    const attempts = this.#failed.length;
    return { outcome: SETTLED, end: { kind: 'failed', error, attempts } };
  }

  async #runGone(): Promise<Ended> {
    // Parts that were committed to a table may still be read by its earlier versions.
    const deletedParts =
      this.#found === undefined || this.#found.plan.scoring.output.table !== undefined
        ? 0
        : await deleteOrphanedParts(this.#store, this.task.message.planRun, {
            parts: this.#created,
            files: this.#createdFiles,
          });
    return { outcome: SETTLED, end: { kind: 'run-gone', deletedParts } };
  }

  #abandoned(): Ended {
    return { outcome: SETTLED, end: { kind: 'abandoned' } };
  }

  #publishDone(record: ShardRecord): void {
    const { run, shard } = this.task.message;
    const { rows } = record;
    this.context.events.publish({ kind: 'shard-done', run, shard, rows, work: workOf(record) });
  }

  #publish(kind: 'shard-retried' | 'shard-failed', { code }: ErrorRecord): void {
    const { run, shard } = this.task.message;
    const unfinishedSeconds = this.unfinished();
    const about = { run, shard, ...(unfinishedSeconds > 0 && { unfinishedSeconds }) };
    this.context.events.publish(
      kind === 'shard-retried' ? { kind, ...about, code } : { kind, ...about },
    );
  }

  /** Adds this attempt to those that failed. */
  #spend(error: ErrorRecord): void {
    this.#failed = [...this.task.failed, { ...this.#attempt(), error }];
  }

  /** The record with the time of the worker, the attempt that wrote it, and those before it. */
  #withAttempts(record: ShardRecord): ShardRecord {
    const { unfinishedSeconds = 0 } = this.task;
    const failed = this.task.failed.map((attempt) => ({ ...attempt }));
    return {
      ...record,
      seconds: {
        ...record.seconds,
        worker: this.spent(),
        ...(unfinishedSeconds > 0 && { unfinished: unfinishedSeconds }),
      },
      attempt: this.#attempt(),
      ...(failed.length > 0 && { failed }),
    };
  }

  #attempt(): Omit<Attempt, 'error'> {
    const { worker, now } = this.context;
    const timeOf = (at: number): string => new Date(at).toISOString();
    return { worker, startedAt: timeOf(this.#startedAt), endedAt: timeOf(now()) };
  }

  /** The error's record, with the shard's rows as its location where it has no better one. */
  #located(error: ShardmillError): ErrorRecord {
    const { shard } = this.task.message;
    const place = this.#found === undefined ? `shard ${shard}` : whereOf(this.#found.shard);
    return { ...error.toRecord(), where: error.where ?? place };
  }

  #refuseOther(record: ShardRecord): void {
    const { planRun, planDigest, shard } = this.task.message;
    if (record.planDigest === planDigest && record.shard === shard) return;
    throw new ShardmillError('PLAN_MISMATCH', 'the record is of another plan or shard', {
      where: this.#store.locate(shardRecordKey(planRun, shard)),
    });
  }
}

function encode(value: ShardRecord | ShardFailure): Uint8Array {
  return Buffer.from(canonicalJson(value));
}
