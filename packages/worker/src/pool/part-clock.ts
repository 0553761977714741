/** A part in an engine that does not go on, or a shard of which no part begins. */
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
  /** Rows that are done of it. */
  rows: number;
}

/**
 * The times without progress of the parts in one engine. A part goes on as long as more of its rows
 * are done, however long it takes in all. Parts may wait for those that began before them, for a
 * turn to scan or for a lane: so the time of a part counts from its own beginning, its own last
 * progress, or the last progress or the end of one that began earlier. A part that is stuck is found
 * even while later ones go on. A shard without a part waits for any part that is there: its time
 * counts while there is none.
 */
export class PartClock {
  /** Parts in the order of their beginning. */
  readonly #parts: RunningPart[] = [];
  readonly #waiting: Timed[] = [];

  /** A shard is in the engine. */
  enter(shard: number, now: number): void {
    this.#waiting.push({ shard, since: now });
  }

  /** So many rows of a part are done: a new one begins, a known one goes on if there are more. */
  move(shard: number, part: number, rows: number, now: number): void {
    const known = this.#parts.findIndex((one) => one.shard === shard && one.part === part);
    const moved = this.#parts[known];
    if (moved === undefined) {
      remove(this.#waiting, (one) => one.shard === shard);
      this.#parts.push({ shard, part, rows, since: now });
    } else {
      if (moved.rows < rows) this.#restart(known, now);
      // They are fewer where a single pass came to nothing and the part is begun again.
      moved.rows = rows;
    }
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

  /** The first that has not gone on for more than `limitMs`. */
  overdue(now: number, limitMs: number): Overdue | undefined {
    const isOver = ({ since }: Timed): boolean => now - since > limitMs;
    const part = this.#parts.find(isOver);
    if (part !== undefined) return part;
    const waiting = this.#parts.length === 0 ? this.#waiting.find(isOver) : undefined;
    return waiting === undefined ? undefined : { shard: waiting.shard, part: undefined };
  }

  #end(which: (one: RunningPart) => boolean, now: number): void {
    const first = remove(this.#parts, which);
    if (first !== undefined) this.#restart(first, now);
  }

  /** Restarts the time of parts that may have waited for the part of this index. */
  #restart(first: number, now: number): void {
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
