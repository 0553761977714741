import { NotForKernelError } from '../not-for-kernel.js';
import { type Coverage, coveredValue } from './coverage.js';
import { type Finish, plainValue, type PostTransform } from './finish.js';

/** @throws NotForKernelError for those that cannot be reproduced to the bit. */
export function readPostTransform(name: string): PostTransform {
  switch (name) {
    case 'NONE':
    case 'LOGISTIC':
    case 'SOFTMAX':
    case 'SOFTMAX_ZERO':
      return name;
    default:
      throw new NotForKernelError(`the post transform is ${name}`);
  }
}

/**
 * The finish of a regressor. With one target ONNX Runtime ignores every post transform but PROBIT.
 * @param base empty, or one for each target
 * @throws NotForKernelError where the aggregate function is neither SUM nor AVERAGE
 */
export function regressorFinish(options: {
  /** Coverage of each target. */
  readonly coverage: readonly Coverage[];
  readonly trees: number;
  readonly aggregate: string;
  readonly post: PostTransform;
  readonly base: Float32Array;
}): Finish {
  const { coverage, trees, aggregate, base } = options;
  const single = coverage.length === 1;
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE') {
    throw new NotForKernelError(`the aggregate function is ${aggregate}`);
  }
  return {
    // A single sum is taken as it is.
    values: single
      ? [plainValue(0, base[0])]
      : coverage.map((of, target) => coveredValue(of, target, base[target])),
    divisor: aggregate === 'AVERAGE' ? trees : 1,
    post: single ? 'NONE' : options.post,
    label: undefined,
  };
}
