import { type BoundText, ShardmillError } from '@shardmill/core';
import type { RowProbe } from './probe-rows.js';
import type { MadeTokens } from './synthetic-rows.js';

/** How a text becomes tokens, as far as the model must be able to take them. */
export type TokenBounds = Pick<BoundText, 'maxLength' | 'fixedLength' | 'tokenizer'> & {
  /** The largest id of the tokenizer. */
  readonly maxId: number;
};

/** What a model holds of a row may grow with the square of the tokens: longer ones are not tried. */
const MAX_PROBED_TOKENS = 1024;
const FEW_TOKENS = 8;

/**
 * Scores made-up tokens: as many as a row may have, and with the largest id. Where the model throws
 * for them and not for smaller ones, the tokenizer or the length does not fit it.
 * @throws TOKENIZER_MISMATCH
 */
export async function probeTokens(
  { maxLength, fixedLength, tokenizer, maxId }: TokenBounds,
  probe: (tokens: MadeTokens) => Promise<RowProbe>,
): Promise<RowProbe> {
  const length = fixedLength ?? Math.min(maxLength, MAX_PROBED_TOKENS);
  const seen = await probe({ length, maxId });
  if (!threw(seen)) return seen;
  const small = await probe({ length, maxId: 1 });
  if (small.calls.length > 0) {
    throw new ShardmillError(
      'TOKENIZER_MISMATCH',
      `the tokenizer has tokens up to number ${maxId}, for which the model throws: ${seen.failed}`,
      {
        where: tokenizer.uri,
        remedy: 'Give the tokenizer.json that was exported beside the model.',
      },
    );
  }
  if (fixedLength !== undefined || length <= FEW_TOKENS) return seen;
  const short = await probe({ length: FEW_TOKENS, maxId: 1 });
  if (short.calls.length === 0) return seen;
  throw new ShardmillError(
    'TOKENIZER_MISMATCH',
    `the model throws for a row of ${length} tokens and not for one of ${FEW_TOKENS}: ${small.failed}`,
    {
      where: 'features',
      remedy:
        'Set maxLength to the positions of the model: max_position_embeddings of its config.json, or max_seq_length.',
    },
  );
}

const threw = ({ calls, failed }: RowProbe): boolean => calls.length === 0 && failed !== undefined;
