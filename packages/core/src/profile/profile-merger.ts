import { InvariantError } from '../errors/invariant-error.js';
import { NumberSketch } from './number-sketch.js';
import type { ColumnState, NamedState, ProfileState } from './profile-state-schema.js';
import { TextSketch } from './text-sketch.js';

/** Puts together what several profiles say; their order makes no difference. */
export class ProfileMerger {
  #sampledRows = 0;
  readonly #features = new Map<string, NumberSketch | TextSketch>();
  readonly #outputs = new Map<string, NumberSketch | TextSketch>();

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

function addAll(sketches: Map<string, NumberSketch | TextSketch>, columns: readonly NamedState[]) {
  for (const { name, state } of columns) {
    let sketch = sketches.get(name);
    if (sketch === undefined) {
      sketch = state.kind === 'number' ? new NumberSketch() : new TextSketch();
      sketches.set(name, sketch);
    }
    addState(sketch, state);
  }
}

function addState(sketch: NumberSketch | TextSketch, state: ColumnState): void {
  if (sketch instanceof NumberSketch && state.kind === 'number') sketch.merge(state);
  else if (sketch instanceof TextSketch && state.kind === 'text') sketch.merge(state);
  else throw new InvariantError('profiles of one column are of numbers and of texts');
}

function statesOf(sketches: ReadonlyMap<string, NumberSketch | TextSketch>): NamedState[] {
  return [...sketches].map(([name, sketch]) => ({ name, state: sketch.toState() }));
}
