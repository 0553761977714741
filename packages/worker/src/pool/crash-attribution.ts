import { ShardmillError } from '@shardmill/core';

/**
 * Which shard the death of an engine is held against. Where an engine dies with several shards in
 * it, any of them may be the cause: none is blamed, and each is tried alone the next time, which
 * shows the one. Where an engine is stopped because of a shard that does not go on, that shard is
 * blamed and the others are not. Pure bookkeeping: engines are only told apart, never called.
 */
export class CrashAttribution<Engine extends object> {
  readonly #suspects = new Set<number>();
  /** Engines that died with several shards in them. */
  readonly #sharedDeaths = new WeakSet<Engine>();
  readonly #unblamed = new WeakSet<ShardmillError>();
  #culprit: { readonly shard: number; readonly error: ShardmillError } | undefined;

  /** Whether some shard has yet to show, alone, that it is not the one that ends engines. */
  get hasSuspects(): boolean {
    return this.#suspects.size > 0;
  }

  /** A new engine takes over: what the one before was stopped for is past. */
  engineStarted(): void {
    this.#culprit = undefined;
  }

  /** The engine is going to be stopped because of a shard. */
  stoppedFor(shard: number, error: ShardmillError): void {
    this.#culprit = { shard, error };
  }

  /**
   * An engine died.
   * @param waitedFor the shards in it whose results were still wanted.
   * @param inside how many shards were in it, abandoned ones included.
   */
  engineDied(engine: Engine, waitedFor: readonly number[], inside: number): void {
    if (this.#culprit !== undefined || inside === 1) return;
    this.#sharedDeaths.add(engine);
    for (const shard of waitedFor) this.#suspects.add(shard);
  }

  /** A shard ended: with a record, or with an error that is its own. */
  ended(shard: number, error: unknown): void {
    const shared = error instanceof ShardmillError && !this.blames(error);
    if (!shared) this.#suspects.delete(shard);
  }

  /** @returns the error that a shard fails with, given what the engine failed with. */
  errorOf(shard: number, error: unknown, engine: Engine): unknown {
    if (!(error instanceof ShardmillError)) return error;
    if (this.#sharedDeaths.has(engine)) this.#unblamed.add(error);
    if (error !== this.#culprit?.error || shard === this.#culprit.shard) return error;
    const message = `the engine was stopped because of shard ${this.#culprit.shard}`;
    const other = new ShardmillError('ENGINE_CRASHED', message);
    this.#unblamed.add(other);
    return other;
  }

  /** Whether an error counts as an attempt of the shard that failed with it. */
  blames(error: ShardmillError): boolean {
    return !this.#unblamed.has(error);
  }
}
