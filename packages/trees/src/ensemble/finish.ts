/**
 * What becomes of the sums of a row's leaves, as data: first each value is made of a sum, then the
 * label is chosen, then the post transform is applied. The rules are those of ONNX Runtime's
 * `tree_ensemble_aggregator.h` and `ml_common.h`, which say more than the ONNX standard.
 */
export interface Finish {
  /** One for each column of the scores. */
  readonly values: readonly Value[];
  /** What sums are divided by before anything else; 1 for sums. */
  readonly divisor: number;
  readonly post: PostTransform;
  /** Undefined for a regressor. */
  readonly label: Label | undefined;
}

export type PostTransform = 'NONE' | 'LOGISTIC' | 'SOFTMAX' | 'SOFTMAX_ZERO';

export interface Value {
  /** Which sum; undefined where there is none, and the value is `base`. */
  readonly target: number | undefined;
  /** Is added; undefined where nothing is. */
  readonly base: number | undefined;
  readonly form: 'plain' | 'negated' | 'one-minus';
}

/** Chosen by the values before the post transform. */
export interface Label {
  readonly rule: /** The second label if the value is greater than the threshold. */
    | { readonly kind: 'above'; readonly value: number; readonly threshold: number }
    /** The first of the greatest values. */
    | { readonly kind: 'greatest'; readonly values: readonly number[] };
  readonly labels: readonly bigint[] | readonly string[];
}

export function plainValue(target: number, base?: number): Value {
  return { target, base, form: 'plain' };
}
