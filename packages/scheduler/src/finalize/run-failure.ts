import { type ErrorRecord, ShardmillError } from '@shardmill/core';

/** A shard that failed for good. */
export interface FailedShard {
  readonly shard: number;
  readonly error: ErrorRecord;
  readonly attempts: number;
}

export interface FailedRun {
  /** Shards of the plan. */
  readonly shards: number;
  /** Shards that failed, where `failures` does not have all of them. */
  readonly failed?: number | undefined;
  readonly output: string;
  /** What became of the other shards. */
  readonly others: 'done' | 'given up';
}

/** One error for the run: the shards' own where they agree. */
export function runFailure(failures: readonly FailedShard[], run: FailedRun): ShardmillError {
  const [first] = failures;
  const { shards, failed = failures.length, output } = run;
  const others = run.others === 'done' ? 'the others are done and kept' : 'the others are given up';
  const kept =
    failed === shards
      ? `${shards === 1 ? 'the only shard' : `all ${shards} shards`} failed`
      : `${failed} of ${shards} shards failed, ${others}`;
  if (first !== undefined && failures.every(({ error }) => error.code === first.error.code)) {
    const { code, message, where, remedy } = first.error;
    const tried = first.attempts > 1 ? `, ${first.attempts} attempts` : '';
    return new ShardmillError(code, `${message} (${kept}${tried})`, { where, remedy });
  }
  const list = failures
    .slice(0, 5)
    .map(({ shard, error }) => `shard ${shard}: ${error.code} ${error.message}`);
  return new ShardmillError('SHARDS_FAILED', `${kept}\n${list.join('\n')}`, { where: output });
}
