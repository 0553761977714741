import {
  type NamedState,
  NumberSketch,
  type PlannedPart,
  type PlannedProfile,
  type PlannedShard,
  RowSample,
  type Scoring,
  TextSketch,
} from '@shardmill/core';
import { isValid } from '../duckdb/raw-vector.js';
import type { ColumnView } from '../scan/column-view.js';

/** What a lane must know to profile the features of one part. */
export interface FeatureProfileOrder {
  readonly profile: PlannedProfile;
  /** Locations of the files of the part's slices. */
  readonly files: readonly string[];
}

/** Undefined where the run has no profile of its features. */
export function featureProfileOrder(
  profile: PlannedProfile | undefined,
  shard: PlannedShard,
  part: PlannedPart,
): FeatureProfileOrder | undefined {
  if (profile === undefined || profile.features.length === 0) return undefined;
  return { profile, files: part.slices.map(({ file }) => shard.files[file]?.uri ?? '') };
}

/** What the features of a part look like. */
export interface ProfiledFeatures {
  readonly sampledRows: number;
  readonly features: NamedState[];
}

/**
 * Collects what the features of one part look like as its rows go by, those that are rejected
 * included. Of most runs it looks at a sample of the rows.
 */
export class FeatureProfile {
  readonly #sample: RowSample;
  readonly #columns: readonly ProfiledColumn[];
  #rows = 0;

  constructor({ profile, files }: FeatureProfileOrder, features: Scoring['features']) {
    this.#sample = new RowSample(profile.sampling, files);
    const firstViews: number[] = [];
    let views = 0;
    for (const { columns } of features) {
      firstViews.push(views);
      views += columns.length;
    }
    this.#columns = profile.features.map(({ name, feature, column }) => ({
      name,
      view: (firstViews[feature] ?? 0) + column,
      sketch:
        features[feature]?.type === 'string' || features[feature]?.layout === 'tokens'
          ? new TextSketch()
          : new NumberSketch(),
    }));
  }

  /**
   * @param views of the columns of all features, in their order: texts before they are tokens.
   * @param keys of the same rows
   */
  add(views: readonly ColumnView[], keys: BigInt64Array): void {
    const ranges = this.#sample.ranges(keys);
    for (let at = 0; at + 1 < ranges.length; at += 2) {
      const [from = 0, to = 0] = [ranges[at], ranges[at + 1]];
      this.#rows += to - from;
      for (const { view: index, sketch } of this.#columns) {
        const view = views[index];
        if (view === undefined) continue;
        if (sketch instanceof NumberSketch) addNumbers(sketch, view, from, to);
        else addTexts(sketch, view, from, to);
      }
    }
  }

  finish(): ProfiledFeatures {
    return {
      sampledRows: this.#rows,
      features: this.#columns.map(({ name, sketch }) => ({ name, state: sketch.toState() })),
    };
  }
}

interface ProfiledColumn {
  readonly name: string;
  /** Index of its view. */
  readonly view: number;
  readonly sketch: NumberSketch | TextSketch;
}

function addNumbers(sketch: NumberSketch, view: ColumnView, from: number, to: number): void {
  if (view.kind !== 'numbers') return;
  const { values, validity } = view;
  const isFloat = values instanceof Float32Array || values instanceof Float64Array;
  if (isFloat && validity === null) {
    sketch.addAll(values, from, 1, to - from);
    return;
  }
  const known = new Float64Array(to - from);
  let rows = 0;
  for (let row = from; row < to; row++) {
    if (isValid(validity, row)) known[rows++] = Number(values[row] ?? 0);
  }
  sketch.addNulls(to - from - rows);
  sketch.addAll(known, 0, 1, rows);
}

function addTexts(sketch: TextSketch, view: ColumnView, from: number, to: number): void {
  if (view.kind !== 'texts' && view.kind !== 'codes') return;
  for (let row = from; row < to; row++) {
    const text = view.kind === 'texts' ? view.texts[row] : view.texts[view.codes[row] ?? -1];
    if (text === undefined) sketch.addNulls(1);
    else sketch.add(text, 1);
  }
}
