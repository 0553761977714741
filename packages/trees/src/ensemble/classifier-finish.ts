import { NotForKernelError } from '../not-for-kernel.js';
import { type Coverage, coveredValue } from './coverage.js';
import { type Finish, type Label, plainValue, type PostTransform, type Value } from './finish.js';

/** What ONNX Runtime's rules for classifiers depend on. */
export interface ClassifierTraits {
  readonly labels: readonly bigint[] | readonly string[];
  readonly coverage: readonly Coverage[];
  readonly post: PostTransform;
  readonly base: Float32Array;
  /** How many classes any weight is for. */
  readonly weightedClasses: number;
  /** Whether no weight is negative. */
  readonly positive: boolean;
}

/** @throws NotForKernelError where what is done differs from row to row. */
export function classifierFinish(traits: ClassifierTraits): Finish {
  if (traits.labels.length < 2) throw new NotForKernelError('a classifier of one class');
  return traits.labels.length === 2 ? twoClasses(traits) : manyClasses(traits);
}

function manyClasses({ labels, coverage, post, base }: ClassifierTraits): Finish {
  requireUniform(coverage);
  const scored = coverage.map((of) => of === 'always');
  const values = scored.map((has, target): Value => {
    return has
      ? plainValue(target, base[target])
      : { target: undefined, base: base[target] ?? 0, form: 'plain' };
  });
  const candidates = [...values.keys()].filter((k) => scored[k] === true || base.length > 0);
  if (candidates.length === 0) throw new NotForKernelError('no leaf has a weight');
  const label: Label = { rule: { kind: 'greatest', values: candidates }, labels };
  return { values, divisor: 1, post, label };
}

/**
 * With two classes, the sum of one of them may stand for both. The standard leaves open what two
 * base values mean then; ONNX Runtime adds the second one to the sum of the first class.
 */
function twoClasses(traits: ClassifierTraits): Finish {
  const { coverage, post, base, positive } = traits;
  const [base0, base1] = base;
  requireUniform(coverage.slice(1));
  if (coverage[1] === 'always') {
    const values =
      base.length === 2
        ? bothOfFirst(coverage[0], base1)
        : [coveredValue(coverage[0], 0, base0), plainValue(1)];
    return { values, divisor: 1, post, label: labelOf(traits, 1) };
  }
  requireUniform(coverage);
  if (coverage[0] !== 'always') throw new NotForKernelError('no leaf has a weight');
  if (base.length === 2) {
    const values = [plainValue(0, base0), coveredValue('never', 1)];
    return { values, divisor: 1, post, label: labelOf(traits, 0) };
  }
  // One score for two classes: a margin, or a probability if it cannot be negative, and not in need of
  // a function that makes one of it. Other functions are not applied to a single score.
  const sum = { target: 0, base: base0 };
  const logistic = post === 'LOGISTIC';
  const values: Value[] = [
    { ...sum, form: positive && !logistic ? 'one-minus' : 'negated' },
    { ...sum, form: 'plain' },
  ];
  return { values, divisor: 1, post: logistic ? post : 'NONE', label: labelOf(traits, 1) };
}

/** Both values are made of the first class's sum, as if it were a margin. */
function bothOfFirst(coverage: Coverage | undefined, base: number | undefined): Value[] {
  const second = plainValue(0, base);
  if (coverage === 'always') return [{ ...second, form: 'negated' }, second];
  requireUniform([coverage]);
  return [coveredValue('never', 0), second];
}

function requireUniform(coverage: readonly (Coverage | undefined)[]): void {
  if (!coverage.includes('sometimes')) return;
  throw new NotForKernelError('some rows have no weight for a class that others have one for');
}

/** @param value that decides, by its index */
function labelOf({ labels, weightedClasses, positive }: ClassifierTraits, value: number): Label {
  const single = weightedClasses === 1;
  const threshold = single && positive ? 0.5 : 0;
  const rule = { kind: 'above' as const, value, threshold };
  // Where both classes have weights, integer labels are taken for 0 and 1, whatever they are.
  const texts = typeof labels[0] === 'string';
  return { rule, labels: single || texts ? labels : [0n, 1n] };
}
