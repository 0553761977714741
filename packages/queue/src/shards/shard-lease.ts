/** A lease on a shard: this process holds its lock, as long as Redis confirms it. */
export class ShardLease {
  readonly #abandoned = new AbortController();

  constructor(
    readonly id: string,
    /** Proves to Redis that the lock is ours. */
    readonly token: string,
  ) {}

  /** Aborted when the shard is not ours any more. */
  get signal(): AbortSignal {
    return this.#abandoned.signal;
  }

  get lost(): boolean {
    return this.signal.aborted;
  }

  lose(): void {
    this.#abandoned.abort(new Error(`shard ${this.id} is not this worker's any more`));
  }
}
