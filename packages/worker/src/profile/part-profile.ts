import {
  type ColumnState,
  InvariantError,
  ProfileMerger,
  type ProfileState,
} from '@shardmill/core';
import { NumberCounter } from '../number-kernel/number-counter.js';

/** A column of a part: what is known of it, or its numbers themselves and how many rows are null beside them. */
export type PartColumn =
  | { readonly state: ColumnState }
  | {
      readonly state?: undefined;
      readonly numbers: Float32Array | Float64Array;
      readonly nulls: number;
    };

export type NamedPartColumn = PartColumn & { readonly name: string };

/** What the features of a part look like. */
export interface ProfiledFeatures {
  readonly sampledRows: number;
  readonly features: readonly NamedPartColumn[];
}

/** The same, with its outputs. */
export interface PartProfile extends ProfiledFeatures {
  readonly outputs: ProfileState['outputs'];
}

/** Puts together what several parts look like; their order makes no difference. */
export class PartMerger {
  readonly #merger = new ProfileMerger();
  /** Of the features whose numbers were given, in the order of all features; undefined of others. */
  readonly #counters = new Map<string, NumberCounter | undefined>();

  add({ sampledRows, features, outputs }: PartProfile): void {
    const states: ProfileState['features'] = [];
    for (const column of features) {
      const { name, state } = column;
      const counter = this.#counters.get(name);
      if (state !== undefined) {
        states.push({ name, state });
        this.#counters.set(name, counter);
        continue;
      }
      const { numbers, nulls } = column;
      const counting = counter ?? new NumberCounter();
      counting.addAll(numbers, 0, 1, numbers.length);
      counting.addNulls(nulls);
      this.#counters.set(name, counting);
    }
    this.#merger.add({ sampledRows, features: states, outputs: [...outputs] });
  }

  /** Nothing can be added afterwards. */
  finish(): ProfileState {
    const features = [...this.#counters].flatMap(([name, counter]) =>
      counter === undefined ? [] : [{ name, state: counter.finish() }],
    );
    this.#merger.add({ sampledRows: 0, features, outputs: [] });
    const merged = this.#merger.finish();
    const byName = new Map(merged.features.map((column) => [column.name, column]));
    return {
      ...merged,
      features: [...this.#counters.keys()].map((name) => {
        const column = byName.get(name);
        if (column === undefined) throw new InvariantError(`feature ${name} was lost`);
        return column;
      }),
    };
  }
}

/** What a single part looks like. */
export function partState(part: PartProfile): ProfileState {
  const merger = new PartMerger();
  merger.add(part);
  return merger.finish();
}
