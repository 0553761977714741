import { z } from 'zod';
import { TOKENS } from '../bounds.js';
import { sql } from '../values/sql-schema.js';
import { whole } from '../values/whole-schema.js';

/**
 * A feature of token ids that are made of a text. The masks and types of the tokens, where the model
 * takes them, are made with it.
 */
export const tokenizedText = z
  .strictObject({
    tokenize: z
      .union([sql, z.tuple([sql, sql])])
      .describe(
        'The text: an SQL expression that gives VARCHAR. Or two texts, for models that compare them.',
      ),
    tokenizer: z
      .string()
      .min(1)
      .describe('The tokenizer.json of the model; a relative path starts at the job file.'),
    maxLength: whole(TOKENS).describe(
      'The most tokens of a row, those included that mark its ends.',
    ),
    tooLong: z
      .enum(['truncate', 'reject'])
      .default('truncate')
      .describe('Whether a text of more tokens is cut, and counted, or its row is rejected.'),
  })
  .describe('Token ids of a text, with the mask and the types of the tokens.');

export type TokenizedText = z.output<typeof tokenizedText>;
