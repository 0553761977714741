/**
 * Divides the time of a worker among its in-flight shards: each of n shards gets an nth of the time
 * that passes. All shares together are the time in which the worker had at least one shard.
 */
export class SharedTime {
  #shards = 0;
  /** Milliseconds that a shard would have got which was there from the beginning. */
  #shareMs = 0;
  #at = 0;

  constructor(
    /** Milliseconds since any point in time. */
    readonly now: () => number,
  ) {}

  /** A shard is in flight from now on. @returns its share so far in seconds, and its end */
  begin(): { readonly seconds: () => number; readonly end: () => void } {
    this.#advance();
    this.#shards++;
    const from = this.#shareMs;
    return {
      seconds: () => {
        this.#advance();
        return (this.#shareMs - from) / 1000;
      },
      end: () => {
        this.#advance();
        this.#shards--;
      },
    };
  }

  #advance(): void {
    const now = this.now();
    // A clock that was set back takes nothing away.
    if (this.#shards > 0) this.#shareMs += Math.max(0, now - this.#at) / this.#shards;
    this.#at = now;
  }
}
