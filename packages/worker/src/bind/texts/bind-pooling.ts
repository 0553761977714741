import {
  type BoundFeature,
  type Scoring,
  type ScoredOutput,
  ShardmillError,
} from '@shardmill/core';
import { shapeText } from '../../onnx/shape-text.js';
import type { KnownOutput } from '../../row-wise/check-outputs.js';
import { isMaskInput } from './token-inputs.js';

/** An output as the run uses it, with what is known of its shape. */
export type BoundOutput = ScoredOutput & Pick<KnownOutput, 'width'>;

/** The model's own outputs of which those that a run uses are made, each once. */
export function modelOutputs<T extends { readonly name: string }>(
  used: readonly ScoredOutput[],
  outputs: readonly T[],
): T[] {
  const names = new Set(used.map(({ name, pooling }) => pooling?.of ?? name));
  return outputs.filter(({ name }) => names.has(name));
}

/**
 * The outputs that a run uses, with their shapes, of what calls of a few rows have shown.
 * @throws EXPRESSION_INVALID where an output cannot be pooled, or must be; FEATURE_MISSING
 */
export function bindPooling(
  used: readonly ScoredOutput[],
  known: readonly KnownOutput[],
  features: readonly BoundFeature[],
  text: Scoring['text'],
): BoundOutput[] {
  const mask = features.find(({ input, tokens }) => tokens === 'mask' || isMaskInput(input))?.input;
  return used.map((output) => {
    const own = known.find(({ name }) => name === (output.pooling?.of ?? output.name));
    if (own === undefined) throw new ShardmillError('INTERNAL', `no output "${output.name}"`);
    if (output.pooling === undefined) {
      if (text !== undefined && text.fixedLength === undefined) refuseRagged(own);
      const { name, type, shape, width } = own;
      return { name, type, shape, width };
    }
    const { by, quantized } = output.pooling;
    const rank = by === 'none' ? 2 : 3;
    if (own.shape.length !== rank) {
      const wanted = by === 'none' ? '[N, width]' : '[N, tokens, width]';
      throw new ShardmillError(
        'EXPRESSION_INVALID',
        `${output.name}: the model's output "${own.name}" has the shape ${shapeText(own)}, expected ${wanted}`,
        {
          where: 'output.columns',
          remedy:
            own.shape.length === 2
              ? `It is one vector per row already: write ${own.name}, or l2_normalize(${own.name}).`
              : undefined,
        },
      );
    }
    const width = widthOf(own);
    const masked = by === 'mean' || by === 'max';
    if (masked && mask === undefined && text !== undefined) {
      throw new ShardmillError(
        'FEATURE_MISSING',
        `${output.name}: the model has no input for the mask of the tokens, so that padding would be pooled, too`,
        { where: 'output.columns', remedy: 'Export the model with an input attention_mask.' },
      );
    }
    return {
      ...output,
      ...(quantized === 'scale' ? { shape: ['N'], width: 1 } : { shape: ['N', width], width }),
      pooling: { ...output.pooling, ...(masked && mask !== undefined && { mask }) },
    };
  });
}

/** @throws EXPRESSION_INVALID for an output of which each call would have another width. */
function refuseRagged(output: KnownOutput): void {
  const open = output.shape.slice(1).some((dim) => typeof dim === 'string' || dim < 0);
  if (output.shape.length < 3 || !open) return;
  throw new ShardmillError(
    'EXPRESSION_INVALID',
    `the model's output "${output.name}" ${shapeText(output)} has a vector for each token, and rows have different numbers of tokens`,
    {
      where: 'output.columns',
      remedy: `Write mean_pool(${output.name}), max_pool(${output.name}) or cls(${output.name}).`,
    },
  );
}

function widthOf({ name, shape, dims }: KnownOutput): number {
  const declared = shape.at(-1);
  const width = typeof declared === 'number' && declared > 0 ? declared : dims?.at(-1);
  if (width !== undefined) return width;
  throw new ShardmillError(
    'EXPRESSION_INVALID',
    `the width of the model's output "${name}" is not known before the run`,
    {
      where: 'output.columns',
      remedy: 'Export the model with the width of the vectors as a fixed dimension.',
    },
  );
}
