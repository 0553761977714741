/** Which run asks for a slot, and whose it is. */
export interface PlanAsker {
  readonly run: string;
  readonly submitter: string;
}

interface Waiting extends PlanAsker {
  readonly since: number;
  readonly askedAt: number;
}

/** A run that did not ask again for so long does not wait any more: it keeps no slot from others. */
const FORGET_AFTER_MS = 30_000;

/**
 * Lets so many plannings go on at once, in turn by submitter: a free slot is for the submitter who
 * has the fewest, and among those for the run that has waited longest. The last free slot is not for
 * one who has all the others, so that nobody's plannings hold up everybody else's. A run that gets
 * none asks again later.
 */
export class PlanSlots {
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(
    readonly limit: number,
    readonly now: () => number,
    readonly onFree: () => void,
  ) {}

  /** @returns what gives the slot back, or undefined where there is none for this run now. */
  take({ run, submitter }: PlanAsker): (() => void) | undefined {
    const now = this.now();
    const since = this.#waiting.get(run)?.since ?? now;
    this.#waiting.set(run, { run, submitter, since, askedAt: now });
    if (this.#next(now) !== run) return undefined;
    this.#waiting.delete(run);
    this.#taken.set(submitter, this.#of(submitter) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = this.#of(submitter) - 1;
      if (left === 0) this.#taken.delete(submitter);
      else this.#taken.set(submitter, left);
      this.onFree();
    };
  }

  /** A run does not wait any more. */
  leave(run: string): void {
    this.#waiting.delete(run);
  }

  /** The run that gets the next slot, if one is free for anybody who waits. */
  #next(now: number): string | undefined {
    for (const { run, askedAt } of this.#waiting.values()) {
      if (now - askedAt > FORGET_AFTER_MS) this.#waiting.delete(run);
    }
    const taken = [...this.#taken.values()].reduce((sum, count) => sum + count, 0);
    if (taken >= this.limit) return undefined;
    const most = Math.max(1, this.limit - 1);
    return [...this.#waiting.values()]
      .filter(({ submitter }) => this.#of(submitter) < most)
      .toSorted((a, b) => this.#of(a.submitter) - this.#of(b.submitter) || a.since - b.since)[0]
      ?.run;
  }

  #of(submitter: string): number {
    return this.#taken.get(submitter) ?? 0;
  }
}
