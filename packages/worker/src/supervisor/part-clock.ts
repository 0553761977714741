/** A part in an engine that takes too long, or a shard of which no part begins. */
export interface Overdue {
  readonly shard: number;
  /** Undefined where the shard has not come to a part yet. */
  readonly part: number | undefined;
}

interface Timed {
  readonly shard: number;
  since: number;
}

interface RunningPart extends Timed {
  readonly part: number;
}

/**
 * The times of the parts in one engine. Parts may wait for those that began before them, for a
 * turn to scan or for a lane: so the time of a part counts from its own beginning or from the end
 * of the last one that began earlier. A part that never ends is found even while later ones do.
 * A shard without a part waits for any part that is there: its time counts while there is none.
 */
export class PartClock {
  /** In the order of their beginning. */
  readonly #parts: RunningPart[] = [];
  readonly #waiting: Timed[] = [];

  /** A shard is in the engine. */
  enter(shard: number, now: number): void {
    this.#waiting.push({ shard, since: now });
  }

  /** A part has moved: known parts stay, a new one begins. */
  begin(shard: number, part: number, now: number): void {
    if (this.#parts.some((one) => one.shard === shard && one.part === part)) return;
    remove(this.#waiting, (one) => one.shard === shard);
    this.#parts.push({ shard, part, since: now });
  }

  end(shard: number, part: number, now: number): void {
    this.#end((one) => one.shard === shard && one.part === part, now);
    // Between two parts of a shard it is the shard that counts.
    const known = [...this.#parts, ...this.#waiting].some((one) => one.shard === shard);
    if (!known) this.enter(shard, now);
  }

  /** The shard is out of the engine. */
  leave(shard: number, now: number): void {
    this.#end((one) => one.shard === shard, now);
    remove(this.#waiting, (one) => one.shard === shard);
  }

  /** The first that has taken more than `limitMs`. */
  overdue(now: number, limitMs: number): Overdue | undefined {
    const isOver = ({ since }: Timed): boolean => now - since > limitMs;
    const part = this.#parts.find(isOver);
    if (part !== undefined) return part;
    const waiting = this.#parts.length === 0 ? this.#waiting.find(isOver) : undefined;
    return waiting === undefined ? undefined : { shard: waiting.shard, part: undefined };
  }

  #end(which: (one: RunningPart) => boolean, now: number): void {
    const first = remove(this.#parts, which);
    if (first === undefined) return;
    for (const later of this.#parts.slice(first)) later.since = now;
    for (const one of this.#waiting) one.since = now;
  }
}

/** @returns the index that the first of those had that are removed */
function remove<T>(from: T[], which: (one: T) => boolean): number | undefined {
  const first = from.findIndex(which);
  if (first < 0) return undefined;
  from.splice(0, from.length, ...from.filter((one) => !which(one)));
  return first;
}
