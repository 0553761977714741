import { digestJson, isModelAlias, tensorTypes } from '@shardmill/core';
import { z } from 'zod';

/**
 * What happens to a registered model, as it is stored: one object for each event, numbered, created
 * once and never changed. docs/models.md documents the form.
 */

export const MODEL_EVENT_FORMAT = 'shardmill-model/1';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256');
const version = z.int().positive();
const alias = z.string().refine(isModelAlias, 'expected the name of an alias');

const file = z.strictObject({
  /** A whole location; of a copy, its key in the state location. */
  uri: z.string().min(1),
  sha256,
  bytes: z.int().nonnegative(),
});

const tensor = z.strictObject({
  name: z.string(),
  type: z.enum(tensorTypes),
  /** Dimensions; a name or -1 where the model leaves one open. The first is the batch. */
  shape: z.array(z.union([z.int(), z.string()])),
});
const otherOutput = z.strictObject({ name: z.string(), type: z.literal('non-tensor') });

const event = z.strictObject({
  format: z.literal(MODEL_EVENT_FORMAT),
  /** Random: no two events are the same to the last character. */
  id: z.string(),
  at: z.iso.datetime(),
  /** `user@host` */
  by: z.string(),
  note: z.string().nullable(),
});

const modelFacts = z.strictObject({
  file,
  /** Weights that are not in the model's own file. */
  externalData: z.array(file),
  /** Whether the files lie in the state location. */
  copied: z.boolean(),
  /** Where they were when the version was added. */
  source: z.string(),
  opsets: z.record(z.string(), z.int()),
  irVersion: z.int(),
  producer: z.string(),
  inputs: z.array(tensor),
  outputs: z.array(z.union([tensor, otherOutput])),
  /** Classes of outputs that were maps (ZipMap), in the order of their values. */
  classes: z.record(z.string(), z.array(z.string())),
});

export const modelEventSchema = z.discriminatedUnion('kind', [
  event.extend({ kind: z.literal('added'), version, model: modelFacts }),
  event.extend({
    kind: z.literal('alias-set'),
    alias,
    version,
    /** What it pointed to until then. */
    previous: version.nullable(),
    how: z.enum(['alias', 'promote', 'rollback']),
  }),
  event.extend({ kind: z.literal('alias-removed'), alias, previous: version }),
]);

export type ModelFacts = z.output<typeof modelFacts>;
export type ModelEvent = z.output<typeof modelEventSchema>;
export type AliasEvent = Exclude<ModelEvent, { kind: 'added' }>;

/** @returns what is wrong with it as text where it is no event. */
export function parseModelEvent(value: unknown): ModelEvent | string {
  const parsed = modelEventSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join('.');
  return place ? `${place}: ${issue?.message}` : (issue?.message ?? 'unreadable');
}

/** One digest for all files of a model: that of its own file where there are no others. */
export function digestOfModel({ file: own, externalData }: ModelFiles): string {
  if (externalData.length === 0) return own.sha256;
  return digestJson([own, ...externalData].map((one) => one.sha256));
}

export interface ModelFiles {
  readonly file: { readonly sha256: string };
  readonly externalData: readonly { readonly sha256: string }[];
}
