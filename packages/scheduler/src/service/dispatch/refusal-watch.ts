import { ShardmillError } from '@shardmill/core';
import type { RoundRefusal, WorkerInfo } from '@shardmill/queue';

/** Fewer may be of messages that were damaged, or forged. */
const MIN_REFUSED_SHARDS = 3;

/**
 * Whether a round of a run can go on: it cannot where every worker that could take its shards
 * refuses them. What a worker refused before it was first seen here does not count: a scheduler may
 * since have noted in the log what the worker missed there.
 */
export class RefusalWatch {
  /** Shards of the round that each worker had refused when it was first seen. */
  readonly #before = new Map<string, number>();

  constructor(
    /** As `roundName` has it. */
    readonly round: string,
    readonly pool: string,
  ) {}

  /**
   * @param workers those of the pool.
   * @returns why the round cannot go on; undefined where a worker may take its shards, or where
   *   there is none.
   */
  look(workers: readonly WorkerInfo[]): ShardmillError | undefined {
    const taking = workers.filter(({ state }) => state === 'taking');
    const refusals = taking.flatMap((worker) => this.#refusalOf(worker));
    const [first] = refusals;
    if (first === undefined || refusals.length < taking.length) return undefined;
    const shards = refusals.reduce((sum, refusal) => sum + refusal.shards, 0);
    if (shards < MIN_REFUSED_SHARDS) return undefined;
    const who =
      refusals.length === 1 ? 'the only worker' : `each of the ${refusals.length} workers`;
    return new ShardmillError(
      first.code,
      `${who} of pool "${this.pool}" refuses the shards of this run; ${first.worker} says: ${first.reason}`,
      { remedy: REMEDIES[first.code] },
    );
  }

  #refusalOf({ id, refusals }: WorkerInfo): (RoundRefusal & { readonly worker: string })[] {
    const refusal = refusals.find(({ round }) => round === this.round);
    const before = this.#before.get(id) ?? refusal?.shards ?? 0;
    this.#before.set(id, before);
    const shards = (refusal?.shards ?? 0) - before;
    // The worker has taken one in between, and counts anew.
    if (shards < 0) this.#before.set(id, 0);
    return refusal === undefined || shards <= 0 ? [] : [{ ...refusal, shards, worker: id }];
  }
}

const REMEDIES: Readonly<Record<RoundRefusal['code'], string>> = {
  LOCATION_FORBIDDEN:
    'Extend allow.outputs of the workers, or choose an output that they allow: schedulers and workers of a fleet should have the same allow settings. Then go on with `shardmill resume RUN`.',
  MESSAGE_REFUSED:
    'Give the workers the state.uri of the schedulers, and the same version of Shardmill; then go on with `shardmill resume RUN`. If they have both, find out who else writes to Redis.',
};
