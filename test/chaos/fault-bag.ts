import type { Random } from '@shardmill/test-kit';

/**
 * Draws kinds of faults without end: all of them in a random order, then all again in another, so
 * that each comes up before any comes up twice more than another.
 */
export class FaultBag<Kind extends string> {
  readonly fired = new Map<Kind, number>();
  #left: Kind[] = [];

  constructor(
    readonly kinds: readonly Kind[],
    readonly random: Random,
  ) {
    for (const kind of kinds) this.fired.set(kind, 0);
  }

  draw(): Kind {
    if (this.#left.length === 0) this.#left = shuffle(this.kinds, this.random);
    const kind = this.#left.pop();
    if (kind === undefined) throw new RangeError('no kinds of faults to draw from');
    return kind;
  }

  /** Counts a fault that really happened. */
  count(kind: Kind): void {
    this.fired.set(kind, (this.fired.get(kind) ?? 0) + 1);
  }

  /** Kinds that never happened. */
  get missing(): Kind[] {
    return this.kinds.filter((kind) => this.fired.get(kind) === 0);
  }
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, order: random.uniform() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
