import {
  type Column,
  isModelReference,
  type Manifest,
  type Plan,
  resolveLocation,
  type TensorInfo,
} from '@shardmill/core';
import { columnLineage } from './column-lineage.js';
import { columnMetrics } from './column-metrics.js';
import { type DatasetName, datasetName, inputNames } from './dataset-name.js';
import { type Facets, facets } from './facets.js';
import type { LineageFacts } from './lineage-facts.js';

export interface InputDataset extends DatasetName {
  readonly facets: Facets;
  readonly inputFacets?: Facets;
}
export interface OutputDataset extends DatasetName {
  readonly facets: Facets;
  readonly outputFacets?: Facets;
}

/** What is read: the input's locations, and the model. */
export function inputDatasets(facts: LineageFacts, producer: string): InputDataset[] {
  const { plan, manifest } = facts;
  const names = namesOfInputs(facts);
  const described: Facets = facets(producer, {
    ...formatFacets(plan?.inputTable !== undefined),
    version: versionFacet(plan?.inputTable?.version),
    schema: plan === undefined ? undefined : schemaFacet(plan.scoring.input.columns),
  });
  const inputs = names.map((name): InputDataset => ({ ...name, facets: described }));
  const [only] = inputs;
  // What was read is known of the whole input, and not of each of several locations.
  if (only !== undefined && inputs.length === 1 && plan !== undefined && manifest !== undefined) {
    inputs[0] = { ...only, inputFacets: facets(producer, readFacets(plan, manifest)) };
  }
  return isModelKnown(facts) ? [...inputs, modelDataset(facts, producer)] : inputs;
}

function readFacets({ totals }: Plan, { rows, rejectedBudget }: Manifest) {
  return {
    inputStatistics: { rowCount: rows.read, size: totals.bytesToRead, fileCount: totals.files },
    dataQualityAssertions: {
      assertions: [
        {
          assertion: 'rejected_rows',
          // A run that rejects more than that does not finish.
          success: true,
          severity: 'error',
          name: 'rejected rows within the budget',
          description: 'Rows that cannot be scored are rejected, up to errors.maxRejectedRows.',
          expected: String(rejectedBudget),
          actual: String(rows.rejected),
          params: { ...rows },
        },
      ],
    },
  };
}

/** Where a model of the registry lies is decided when the run is planned. */
const isModelKnown = ({ plan, job }: LineageFacts): boolean =>
  plan !== undefined || !isModelReference(job.model.uri);

function modelDataset(facts: LineageFacts, producer: string): InputDataset {
  const model = facts.plan?.scoring.model;
  return {
    ...nameOfModel(facts),
    facets: facets(producer, {
      datasetType: { datasetType: 'MODEL', subType: 'ONNX' },
      version: versionFacet(model?.sha256),
      schema: model === undefined ? undefined : schemaFacet(model.outputs.map(tensorColumn)),
    }),
  };
}

const tensorColumn = ({ name, type, shape }: TensorInfo): Column => ({
  name,
  type: `${type}[${shape.join(', ')}]`,
});

/** What is written. */
export function outputDataset(facts: LineageFacts, producer: string): OutputDataset {
  const { plan, manifest, job, base } = facts;
  const name = datasetName(plan?.scoring.output.uri ?? resolveLocation(job.output.uri, base));
  const table = (plan?.scoring.output.table ?? job.output.table) !== undefined;
  const finished = manifest !== undefined;
  return {
    ...name,
    facets: facets(producer, {
      ...formatFacets(table),
      version: versionFacet(manifest?.table?.version),
      schema: plan === undefined ? undefined : schemaFacet(plan.scoring.output.columns),
      columnLineage: plan === undefined ? undefined : lineageOf(facts, plan),
      lifecycleStateChange: finished && plan !== undefined ? stateChange(plan) : undefined,
      dataQualityMetrics: finished ? qualityFacet(manifest) : undefined,
    }),
    ...(finished && {
      outputFacets: facets(producer, {
        outputStatistics: {
          rowCount: manifest.rows.scored,
          size: manifest.bytes,
          fileCount: manifest.parts.length,
        },
      }),
    }),
  };
}

function lineageOf(facts: LineageFacts, plan: Plan) {
  if (plan.columnUse === undefined) return undefined;
  const lineage = columnLineage({
    use: plan.columnUse,
    columns: plan.scoring.output.columns.map(({ name }) => name),
    inputs: namesOfInputs(facts),
    model: nameOfModel(facts),
  });
  return { ...lineage };
}

function qualityFacet({ rows, bytes, parts, statistics, finishedAt }: Manifest) {
  return {
    rowCount: rows.scored,
    bytes,
    fileCount: parts.length,
    captureDate: finishedAt,
    columnMetrics: columnMetrics(statistics),
  };
}

/** `append` and `replace-partitions` change nothing but rows. */
function stateChange({ mode }: Plan) {
  switch (mode) {
    case 'create':
      return { lifecycleStateChange: 'CREATE' };
    case 'overwrite':
      return { lifecycleStateChange: 'OVERWRITE' };
    case 'append':
    case 'replace-partitions':
      return undefined;
    default: {
      const unknown: never = mode;
      return unknown;
    }
  }
}

function namesOfInputs({ plan, job, base }: LineageFacts): DatasetName[] {
  const given = typeof job.input.uri === 'string' ? [job.input.uri] : job.input.uri;
  return inputNames(plan?.inputUris ?? given.map((uri) => resolveLocation(uri, base)));
}

const nameOfModel = ({ plan, job, base }: LineageFacts): DatasetName =>
  datasetName(plan?.scoring.model.uri ?? resolveLocation(job.model.uri, base));

function formatFacets(table: boolean) {
  return {
    datasetType: { datasetType: table ? 'TABLE' : 'FILE' },
    // The specification knows layers of tables only.
    storage: table ? { storageLayer: 'delta', fileFormat: 'parquet' } : undefined,
  };
}

const versionFacet = (version: string | number | undefined) =>
  version === undefined ? undefined : { datasetVersion: String(version) };

const schemaFacet = (columns: readonly Column[]) => ({
  fields: columns.map(({ name, type }, index) => ({ name, type, ordinal_position: index + 1 })),
});
