import { z } from 'zod';
import { isModelReference, mayBeModelReference, MODEL_REFERENCE_FORM } from './model-reference.js';

/** Which file a model is: the same for the job's model and for its challengers. */
export const modelFields = {
  uri: z
    .string()
    .min(1)
    .refine((uri) => !isModelReference(uri) || mayBeModelReference(uri), {
      message: `expected ${MODEL_REFERENCE_FORM}`,
    })
    .describe('A path, s3://BUCKET/KEY, or models:/NAME@ALIAS of the model registry.'),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'expected 64 hexadecimal digits')
    .optional(),
};
