import {
  canonicalJson,
  type ErrorCode,
  ERRORS,
  FAILURE_FORMAT,
  failureKey,
  mapConcurrent,
  type ObjectStore,
  type Plan,
  type ShardFailure,
  ShardmillError,
  workOf,
} from '@shardmill/core';
import { findFailure, findRecord } from '@shardmill/core/plans';
import { failedTimes } from '../../finalize/failed-time.js';
import type { FailedShard } from '../../finalize/run-failure.js';
import { listFailures } from './list-shards.js';
import type { ShardLedger } from './shard-ledger.js';

const CONCURRENT_REQUESTS = 16;
/** Failures that are read to report why a run failed. */
const FAILURES_READ = 1000;

/** What the store has of the shards of one round: it alone decides what became of them. */
export class ShardOutcomes {
  /** Whether a shard failed of what every other one fails of, too: a definition that is wrong. */
  hopeless = false;

  constructor(
    readonly store: ObjectStore,
    readonly plan: Plan,
    readonly round: number,
    readonly ledger: ShardLedger,
  ) {}

  /** Reads what became of shards. @returns those that have neither record nor failure. */
  async lookUp(shards: readonly number[]): Promise<number[]> {
    const { store, plan, round, ledger } = this;
    const open = await mapConcurrent(shards, CONCURRENT_REQUESTS, async (shard) => {
      if (await this.count(shard)) return [];
      const failure = await findFailure(store, plan.runId, round, shard);
      if (failure === undefined) return [shard];
      this.hopeless ||= isHopeless(failure.code);
      ledger.seeFailed(shard);
      return [];
    });
    return open.flat();
  }

  /** Reads the record of a shard. @returns false where there is none. */
  async count(shard: number): Promise<boolean> {
    const record = await findRecord(this.store, this.plan, shard);
    if (record !== undefined) this.ledger.seeDone(shard, record.rows, workOf(record));
    return record !== undefined;
  }

  /** Reads the records of shards. @returns false where one of them has none. */
  async countAll(shards: readonly number[]): Promise<boolean> {
    const found = await mapConcurrent(shards, CONCURRENT_REQUESTS, (shard) => this.count(shard));
    return !found.includes(false);
  }

  /** Notes the failure of a shard that worker after worker vanished with, unless it is done. */
  async giveUp(shard: number): Promise<void> {
    const { store, plan, round } = this;
    if ((await this.lookUp([shard])).length === 0) return;
    const message = `worker after worker died while it worked on shard ${shard}`;
    const { code, remedy } = new ShardmillError('WORKER_LOST', message);
    const failure: ShardFailure = {
      format: FAILURE_FORMAT,
      runId: plan.runId,
      planDigest: plan.digest,
      round,
      shard,
      code,
      message,
      remedy,
      story: [],
    };
    await store.create(failureKey(plan.runId, round, shard), Buffer.from(canonicalJson(failure)));
    this.ledger.seeFailed(shard);
  }

  /** Reads what shards took that failed for good, now or in other rounds. */
  async readFailedTimes(): Promise<void> {
    let others = 0;
    for (const { round, shard, seconds } of await failedTimes(this.store, this.plan.runId)) {
      if (round === this.round) this.ledger.hearUnfinished(shard, seconds);
      else others += seconds;
    }
    this.ledger.otherRoundsSeconds = others;
  }

  /** Why shards failed: of the first few, in their order. */
  async failures(): Promise<FailedShard[]> {
    const { store, plan, round } = this;
    const shards: number[] = [];
    for await (const shard of listFailures(store, plan.runId, round)) {
      if (shards.length < FAILURES_READ && !this.ledger.isDone(shard)) shards.push(shard);
    }
    const read = await mapConcurrent(shards, CONCURRENT_REQUESTS, (shard) =>
      findFailure(store, plan.runId, round, shard),
    );
    return read.flatMap((failure) => (failure === undefined ? [] : [failedShard(failure)]));
  }
}

/** What is wrong with one worker's rights may be right with another's. */
function isHopeless(code: ErrorCode): boolean {
  return ERRORS[code].exit === 'usage' && code !== 'STORE_DENIED';
}

function failedShard({ shard, story, code, message, where, remedy }: ShardFailure): FailedShard {
  const error = { code, message, where, remedy };
  return { shard, error, attempts: Math.max(1, story.length) };
}
