import type { ModelFacts } from './model-event.js';

/** What jobs rely on. */
export type ModelSignature = Pick<ModelFacts, 'inputs' | 'outputs' | 'classes'>;
type Tensor = ModelSignature['outputs'][number];

/** One difference between the inputs and outputs of two versions. */
export interface SignatureChange {
  readonly side: 'input' | 'output';
  readonly name: string;
  readonly what: 'added' | 'removed' | 'type' | 'shape' | 'classes';
  readonly before: string | null;
  readonly after: string | null;
  /** Whether a job that scores with the first version may fail, or mean something else, with the second. */
  readonly breaks: boolean;
  readonly why: string;
}

/** What differs between two versions, inputs first, in the order of the first version's names. */
export function compareSignatures(
  before: ModelSignature,
  after: ModelSignature,
): SignatureChange[] {
  return [
    ...compareSide('input', before, after),
    ...compareSide('output', before, after),
    ...compareClasses(before, after),
  ];
}

function compareSide(
  side: 'input' | 'output',
  before: ModelSignature,
  after: ModelSignature,
): SignatureChange[] {
  const [old, now]: readonly (readonly Tensor[])[] = [before[`${side}s`], after[`${side}s`]];
  const changes: SignatureChange[] = [];
  for (const tensor of old ?? []) {
    const { name } = tensor;
    const other = now?.find((one) => one.name === name);
    if (other !== undefined) changes.push(...compareTensor(side, tensor, other));
    else
      changes.push({
        side,
        name,
        what: 'removed',
        before: text(tensor),
        after: null,
        ...REMOVED[side],
      });
  }
  for (const tensor of now ?? []) {
    const { name } = tensor;
    if (old?.some((one) => one.name === name) === true) continue;
    changes.push({ side, name, what: 'added', before: null, after: text(tensor), ...ADDED[side] });
  }
  return changes;
}

const REMOVED = {
  input: { breaks: true, why: 'a job that gives it a feature is refused' },
  output: { breaks: true, why: 'a job whose columns use it is refused' },
} as const;
const ADDED = {
  input: { breaks: true, why: 'a job has to give it a feature, or a column of its name' },
  output: { breaks: false, why: 'no job uses it yet' },
} as const;

function compareTensor(side: 'input' | 'output', old: Tensor, now: Tensor): SignatureChange[] {
  const { name } = old;
  const changes: SignatureChange[] = [];
  if (old.type !== now.type) {
    const verdict = judgeType(side, old.type, now.type);
    changes.push({ side, name, what: 'type', before: old.type, after: now.type, ...verdict });
  }
  const [was, is] = [shapeOf(old), shapeOf(now)];
  if (was !== is && was !== null && is !== null) {
    const verdict = judgeShape(side, old, now);
    changes.push({ side, name, what: 'shape', before: was, after: is, ...verdict });
  }
  return changes;
}

type Verdict = Pick<SignatureChange, 'breaks' | 'why'>;

function judgeType(side: 'input' | 'output', old: string, now: string): Verdict {
  if (side === 'output')
    return { breaks: true, why: 'columns made of it may get another type, or it cannot be used' };
  const widens = now.startsWith('float') && /^(float|u?int)/.test(old);
  return widens
    ? { breaks: false, why: 'features are cast to the type of the input' }
    : { breaks: true, why: 'features of the old type may not cast to it, or lose their fractions' };
}

function judgeShape(side: 'input' | 'output', old: Tensor, now: Tensor): Verdict {
  const [was, is] = [rowShape(old), rowShape(now)];
  if (JSON.stringify(was) === JSON.stringify(is))
    return { breaks: false, why: 'a row has the same values' };
  const opened = is.length === was.length && is.every((size, i) => isOpen(size) || size === was[i]);
  if (opened) return { breaks: false, why: 'a dimension that was fixed is open now' };
  return side === 'input'
    ? { breaks: true, why: 'a row has another number of values' }
    : { breaks: true, why: 'a position in it may mean something else' };
}

type Size = number | string;

/** Dimensions after the batch, without those of one. Names of open ones mean nothing. */
function rowShape(tensor: Tensor): Size[] {
  if (!('shape' in tensor)) return [];
  return tensor.shape.slice(1).flatMap((size) => (size === 1 ? [] : isOpen(size) ? [-1] : [size]));
}

const isOpen = (size: Size): boolean => typeof size === 'string' || size < 0;

function compareClasses(before: ModelSignature, after: ModelSignature): SignatureChange[] {
  return Object.entries(before.classes).flatMap(([name, old]): SignatureChange[] => {
    const now = after.classes[name];
    if (now === undefined || JSON.stringify(old) === JSON.stringify(now)) return [];
    const why = 'a position in it is of another class';
    const [was, is] = [old.join(', '), now.join(', ')];
    return [{ side: 'output', name, what: 'classes', before: was, after: is, breaks: true, why }];
  });
}

const shapeOf = (tensor: Tensor): string | null =>
  'shape' in tensor
    ? `[${tensor.shape.map((size) => (isOpen(size) ? '?' : size)).join(', ')}]`
    : null;

const text = (tensor: Tensor): string => [tensor.type, shapeOf(tensor) ?? ''].join(' ').trim();
