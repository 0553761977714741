import type { ErrorRecord } from '@shardmill/core';
import { inputDatasets, outputDataset } from './datasets.js';
import { EVENT_SCHEMA, type Facets, facets, producerOf } from './facets.js';
import type { LineageFacts } from './lineage-facts.js';
import type { ParentRun, RunReference } from './parent-run.js';
import type { InputDataset, OutputDataset } from './datasets.js';

/** An event of OpenLineage: docs/lineage.md shows one. */
export interface LineageEvent {
  readonly eventType: LineageFacts['eventType'];
  readonly eventTime: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly InputDataset[];
  readonly outputs: readonly OutputDataset[];
  readonly producer: string;
  readonly schemaURL: string;
}

/** The event that says of a run what is known by then. */
export function lineageEvent(facts: LineageFacts): LineageEvent {
  const producer = producerOf(facts.version);
  const { job, namespace } = facts;
  return {
    eventType: facts.eventType,
    eventTime: facts.at,
    run: { runId: facts.lineageRun, facets: facets(producer, runFacets(facts)) },
    job: {
      namespace,
      name: job.name,
      facets: facets(producer, {
        jobType: { processingType: 'BATCH', integration: 'SHARDMILL', jobType: 'JOB' },
        documentation: job.description === undefined ? undefined : { description: job.description },
      }),
    },
    inputs: inputDatasets(facts, producer),
    outputs: [outputDataset(facts, producer)],
    producer,
    schemaURL: EVENT_SCHEMA,
  };
}

function runFacets({ version, tick, parent, error, params, run, plan }: LineageFacts) {
  const parameters = Object.entries(params).map(([key, value]) => ({ key, value }));
  const tag = (key: string, value: string | undefined) =>
    value === undefined ? [] : [{ key: `shardmill.${key}`, value, source: 'SHARDMILL' }];
  const tags = [
    ...tag('run', run ?? undefined),
    ...tag('planRun', plan?.runId === run ? undefined : plan?.runId),
    ...tag('schedule', tick?.schedule),
  ];
  return {
    processing_engine: { version, name: 'Shardmill', openlineageAdapterVersion: version },
    nominalTime: tick === undefined ? undefined : { nominalStartTime: tick.at },
    parent: parent === undefined ? undefined : parentFacet(parent),
    errorMessage: error ? errorFacet(error) : undefined,
    executionParameters: parameters.length === 0 ? undefined : { parameters },
    tags: tags.length === 0 ? undefined : { tags },
  };
}

function parentFacet({ parent, root }: ParentRun) {
  const reference = ({ namespace, job, run }: RunReference) => ({
    run: { runId: run },
    job: { namespace, name: job },
  });
  return { ...reference(parent), root: reference(root) };
}

function errorFacet({ code, message, where, remedy }: ErrorRecord) {
  const place = where === undefined ? '' : ` (${where})`;
  return { message: `${code}: ${message}${place}. ${remedy}`, programmingLanguage: 'TypeScript' };
}
