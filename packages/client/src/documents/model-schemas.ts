import { manifestSchema } from '@shardmill/core/schemas';
import { modelEventSchema } from '@shardmill/scheduler';
import { z } from 'zod';
import { DOCUMENT_VERSION } from './document-version.js';

/** What the commands on the model registry print as `--json`. `docs/models.md` explains them. */

const schemaVersion = z.literal(DOCUMENT_VERSION).describe('The version of this document.');
const name = z.string().describe('The name of the model.');
const version = z.int().positive();
const sha256 = manifestSchema.shape.model.shape.sha256;
const [added, aliasSet, aliasRemoved] = modelEventSchema.options;
const { model: facts, at, by, note } = added.shape;

const versionShape = {
  name,
  version,
  aliases: z.array(z.string()).describe('Those that point to it now.'),
  uri: z.string().describe('Where the model lies: jobs read it from there.'),
  sha256,
  bytes: z.int().nonnegative(),
  externalData: facts.shape.externalData.describe('Weights that are not in its own file.'),
  copied: facts.shape.copied.describe('Whether its files lie in the state location.'),
  source: facts.shape.source.describe('Where it was when it was added.'),
  opsets: facts.shape.opsets,
  irVersion: facts.shape.irVersion,
  producer: facts.shape.producer,
  inputs: facts.shape.inputs,
  outputs: facts.shape.outputs,
  classes: facts.shape.classes.describe('Classes of outputs that were maps, in their order.'),
  at,
  by,
  note,
};

/** Of `model add`, and of `model show NAME@VERSION`. */
export const modelVersionDocumentSchema = z
  .object({
    schemaVersion,
    ...versionShape,
    added: z.boolean().optional().describe('Of `model add`: false where it was there before.'),
    notices: z.array(z.string()).optional().describe('Of `model add`: sentences for people.'),
  })
  .describe('One version of a registered model.');

const alias = z.object({ alias: z.string(), version, at, by });

/** Of `model show NAME`. */
export const modelDocumentSchema = z
  .object({
    schemaVersion,
    name,
    aliases: z.array(alias.extend({ earlier: z.array(version) })),
    versions: z.array(z.object(versionShape)).describe('The latest first.'),
  })
  .describe('A registered model.');

/** Of `model list`. */
export const modelsDocumentSchema = z
  .object({
    schemaVersion,
    registry: z.string().describe('The state location.'),
    models: z.array(
      z.object({ name, versions: z.array(version), aliases: z.array(alias), at, by }),
    ),
  })
  .describe('All registered models.');

/** Of `model alias`, `model unalias`, `model promote` and `model rollback`. */
export const modelChangeDocumentSchema = z
  .object({
    schemaVersion,
    name,
    alias: z.string(),
    version: version.nullable().describe('What it points to now; null where it is removed.'),
    previous: version.nullable().describe('What it pointed to before.'),
    changed: z.boolean().describe('Whether anything had to be done.'),
    at: at.nullable(),
    by: by.nullable(),
  })
  .describe('A change of an alias.');

const unstored = { format: true, id: true } as const;

/** Of `model history`. */
export const modelHistoryDocumentSchema = z
  .object({
    schemaVersion,
    name,
    events: z
      .array(
        z.discriminatedUnion('kind', [
          added.omit({ ...unstored, model: true }).extend({ sha256 }),
          aliasSet.omit(unstored),
          aliasRemoved.omit(unstored),
        ]),
      )
      .describe('The latest first.'),
  })
  .describe('What happened to a registered model.');

const side = z.object({ name, version, sha256 });

/** Of `model diff`. */
export const modelDiffDocumentSchema = z
  .object({
    schemaVersion,
    before: side,
    after: side,
    same: z.boolean().describe('Whether both are the same files.'),
    breaks: z
      .boolean()
      .describe('Whether a job may fail, or mean something else, with the second.'),
    changes: z.array(
      z.object({
        side: z.enum(['input', 'output']),
        name: z.string(),
        what: z.enum(['added', 'removed', 'type', 'shape', 'classes']),
        before: z.string().nullable(),
        after: z.string().nullable(),
        breaks: z.boolean(),
        why: z.string().describe('For people: its words may change.'),
      }),
    ),
  })
  .describe('What differs between the inputs and outputs of two versions.');

const testedModel = z.object({
  model: manifestSchema.shape.model,
  rows: manifestSchema.shape.rows,
  rejectedReasons: manifestSchema.shape.rejectedReasons,
});
const count = z.int().nonnegative();

/** Of `model test`. */
export const modelTestDocumentSchema = z
  .object({
    schemaVersion,
    job: z.string(),
    current: testedModel.describe('The model that the job names.'),
    other: testedModel.describe('The one that may take its place.'),
    tolerance: z.number(),
    rows: z.object({
      compared: count.describe('Rows that both have scored.'),
      differing: count.describe('Of these, rows that differ in a column.'),
      onlyCurrent: count.describe('Rows that the other one has rejected.'),
      onlyOther: count,
    }),
    columns: z.array(
      z.object({
        name: z.string(),
        compared: z.boolean().describe('False where the types cannot be compared.'),
        differing: count,
        agreement: z.number().nullable().describe('The share of rows that agree, from 0 to 1.'),
        largestDifference: z.number().nullable(),
        meanDifference: z.number().nullable().describe('Of the absolute differences.'),
        meanCurrent: z.number().nullable(),
        meanOther: z.number().nullable(),
        rankCorrelation: z.number().nullable().describe("Spearman's coefficient."),
      }),
    ),
    worst: z.array(
      z.object({
        row: z.string().describe('The file and the number of the row in it.'),
        column: z.string(),
        current: z.string().nullable(),
        other: z.string().nullable(),
        difference: z.number().nullable(),
      }),
    ),
  })
  .describe('How the scores of two models differ on a sample.');

export type ModelTestDocument = z.output<typeof modelTestDocumentSchema>;
export type ModelVersionDocument = z.output<typeof modelVersionDocumentSchema>;
export type ModelDocument = z.output<typeof modelDocumentSchema>;
export type ModelsDocument = z.output<typeof modelsDocumentSchema>;
export type ModelChangeDocument = z.output<typeof modelChangeDocumentSchema>;
export type ModelHistoryDocument = z.output<typeof modelHistoryDocumentSchema>;
export type ModelDiffDocument = z.output<typeof modelDiffDocumentSchema>;

/** Their published names, and that of an event as it is stored. */
export const MODEL_SCHEMAS = {
  model: modelDocumentSchema,
  models: modelsDocumentSchema,
  'model-version': modelVersionDocumentSchema,
  'model-change': modelChangeDocumentSchema,
  'model-history': modelHistoryDocumentSchema,
  'model-diff': modelDiffDocumentSchema,
  'model-test': modelTestDocumentSchema,
  'model-event': modelEventSchema.describe('models/<name>/events/<number>.json of the state.'),
};
