interface Waiting {
  readonly rank: number;
  readonly go: () => void;
}

/** At most `limit` holders at once. */
export class Turns {
  #free: number;
  readonly #waiting: Waiting[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /**
   * @param rank those of a lower one go first, and of one rank those who asked first.
   * @returns a function that gives the turn back; calling it twice does nothing more.
   */
  async take(rank = 0): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((go) => this.#enqueue({ rank, go }));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next.go();
    };
  }

  #enqueue(waiting: Waiting): void {
    const after = this.#waiting.findIndex(({ rank }) => rank > waiting.rank);
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, waiting);
  }
}
