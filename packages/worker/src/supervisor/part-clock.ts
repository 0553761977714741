/** A part in an engine that takes too long, or a shard of which no part begins. */
export interface Overdue {
  readonly shard: number;
  /** Undefined where the shard has not come to a part yet. */
  readonly part: number | undefined;
}

interface Running extends Overdue {
  since: number;
}

/**
 * The times of the parts in one engine. Parts may wait for those that began before them, for a
 * turn to scan or for a lane: so the time of a part counts from its own beginning or from the end
 * of the last one that began earlier. A part that never ends is found even while later ones do.
 */
export class PartClock {
  /** In the order of their beginning. */
  #running: Running[] = [];

  /** A shard is in the engine; until its first part begins, this counts as one. */
  enter(shard: number, now: number): void {
    this.#running.push({ shard, part: undefined, since: now });
  }

  /** A part has moved: known parts stay, a new one begins. */
  begin(shard: number, part: number, now: number): void {
    if (this.#running.some((one) => one.shard === shard && one.part === part)) return;
    const waiting = this.#running.find((one) => one.shard === shard && one.part === undefined);
    if (waiting !== undefined) this.#end(waiting, now);
    this.#running.push({ shard, part, since: now });
  }

  end(shard: number, part: number, now: number): void {
    const ended = this.#running.find((one) => one.shard === shard && one.part === part);
    if (ended !== undefined) this.#end(ended, now);
    // Between two parts of a shard it is the shard that counts.
    if (!this.#running.some((one) => one.shard === shard)) this.enter(shard, now);
  }

  /** The shard is out of the engine. */
  leave(shard: number, now: number): void {
    for (const one of this.#running.filter((running) => running.shard === shard)) {
      this.#end(one, now);
    }
  }

  /** The first that has taken more than `limitMs`. */
  overdue(now: number, limitMs: number): Overdue | undefined {
    return this.#running.find(({ since }) => now - since > limitMs);
  }

  #end(ended: Running, now: number): void {
    const index = this.#running.indexOf(ended);
    this.#running.splice(index, 1);
    for (const later of this.#running.slice(index)) later.since = now;
  }
}
