import { evaluationSchema, manifestSchema } from '@shardmill/core/schemas';
import { z } from 'zod';
import { DOCUMENT_VERSION } from './document-version.js';

const count = z.int().nonnegative();

/** Of `evaluate`, as it prints and stores it. `docs/evaluate.md` defines the measures. */
export const evaluationDocumentSchema = z
  .object({
    schemaVersion: z.literal(DOCUMENT_VERSION).describe('The version of this document.'),
    id: z.string().describe('The same for the same labels, run and options.'),
    evaluatedAt: z.string().describe('An instant, ISO 8601.'),
    runId: z.string().describe('The run whose result was evaluated.'),
    job: z.object({ name: z.string(), params: z.record(z.string(), z.string()) }),
    output: z.string(),
    model: manifestSchema.shape.model,
    labels: z.object({
      uri: z.string(),
      files: count,
      bytes: count,
      keys: z.array(z.string()).describe('Columns that rows were joined by.'),
      column: z.string(),
      type: z.string(),
    }),
    ...evaluationSchema.shape,
    saved: z.string().optional().describe('Where it is stored with the run.'),
  })
  .describe('How good the scores of a run are, by labels that came later.');

export type EvaluationDocument = z.output<typeof evaluationDocumentSchema>;
