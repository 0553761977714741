import { InvariantError } from '../errors/invariant-error.js';
import { NumberSketch } from './number-sketch.js';
import type { ColumnState, NamedState, ProfileState } from './profile-state-schema.js';
import { TextSketch } from './text-sketch.js';

/** Puts together what several profiles say; their order makes no difference. */
export class ProfileMerger {
  #sampledRows = 0;
  readonly #features = new Map<string, MergedColumn>();
  readonly #outputs = new Map<string, MergedColumn>();

  add({ sampledRows, features, outputs }: ProfileState): void {
    this.#sampledRows += sampledRows;
    addAll(this.#features, features);
    addAll(this.#outputs, outputs);
  }

  finish(): ProfileState {
    return {
      sampledRows: this.#sampledRows,
      features: statesOf(this.#features),
      outputs: statesOf(this.#outputs),
    };
  }
}

function addAll(columns: Map<string, MergedColumn>, states: readonly NamedState[]): void {
  for (const { name, state } of states) {
    const column = columns.get(name);
    if (column === undefined) columns.set(name, new MergedColumn(state));
    else column.add(state);
  }
}

function statesOf(columns: ReadonlyMap<string, MergedColumn>): NamedState[] {
  return [...columns].map(([name, column]) => ({ name, state: column.finish() }));
}

/** What several profiles say of a column. One alone is taken as it is: most shards are small. */
class MergedColumn {
  readonly #first: ColumnState;
  #sketch: NumberSketch | TextSketch | undefined;

  constructor(first: ColumnState) {
    this.#first = first;
  }

  add(state: ColumnState): void {
    if (this.#sketch === undefined) {
      this.#sketch = this.#first.kind === 'number' ? new NumberSketch() : new TextSketch();
      merge(this.#sketch, this.#first);
    }
    merge(this.#sketch, state);
  }

  finish(): ColumnState {
    return this.#sketch?.toState() ?? this.#first;
  }
}

function merge(sketch: NumberSketch | TextSketch, state: ColumnState): void {
  if (sketch instanceof NumberSketch && state.kind === 'number') sketch.merge(state);
  else if (sketch instanceof TextSketch && state.kind === 'text') sketch.merge(state);
  else throw new InvariantError('profiles of one column are of numbers and of texts');
}
