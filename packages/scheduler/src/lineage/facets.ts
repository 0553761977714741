/**
 * The facets that events have, by the name under which they stand, with the version of the
 * specification's schema that each follows. `testing/openlineage` has the schemas; tests hold every
 * event against them.
 */
const FACETS = {
  columnLineage: '1-2-0/ColumnLineageDatasetFacet',
  dataQualityAssertions: '1-1-0/DataQualityAssertionsDatasetFacet',
  dataQualityMetrics: '1-0-1/DataQualityMetricsDatasetFacet',
  datasetType: '1-0-1/DatasetTypeDatasetFacet',
  documentation: '1-1-0/DocumentationJobFacet',
  errorMessage: '1-0-1/ErrorMessageRunFacet',
  executionParameters: '1-0-0/ExecutionParametersRunFacet',
  inputStatistics: '1-0-0/InputStatisticsInputDatasetFacet',
  jobType: '2-0-4/JobTypeJobFacet',
  lifecycleStateChange: '1-0-1/LifecycleStateChangeDatasetFacet',
  nominalTime: '1-0-1/NominalTimeRunFacet',
  outputStatistics: '1-0-2/OutputStatisticsOutputDatasetFacet',
  parent: '1-2-0/ParentRunFacet',
  processing_engine: '1-1-1/ProcessingEngineRunFacet',
  schema: '1-2-0/SchemaDatasetFacet',
  storage: '1-0-1/StorageDatasetFacet',
  tags: '1-0-0/TagsRunFacet',
  version: '1-0-1/DatasetVersionDatasetFacet',
} as const;

type FacetName = keyof typeof FACETS;
type Facet = Readonly<Record<string, unknown>>;

/** Facets by their names, as they stand in an event. */
export type Facets = Readonly<Partial<Record<FacetName, Facet>>>;

const BASE = 'https://openlineage.io/spec';

/** The schema that events follow. */
export const EVENT_SCHEMA = `${BASE}/2-0-2/OpenLineage.json#/$defs/RunEvent`;

/** What makes the events, as a URI: `urn:shardmill:0.1.0`. */
export const producerOf = (version: string): string =>
  `urn:shardmill:${encodeURIComponent(version)}`;

/** Facets with who made them and what they follow; those that are undefined are left out. */
export function facets(
  producer: string,
  bodies: Readonly<Partial<Record<FacetName, Facet | undefined>>>,
): Facets {
  return Object.fromEntries(
    Object.entries(bodies).flatMap(([name, body]) =>
      body !== undefined && isFacetName(name)
        ? [[name, { _producer: producer, _schemaURL: schemaOf(name), ...body }]]
        : [],
    ),
  );
}

function schemaOf(name: FacetName): string {
  const [version, type] = FACETS[name].split('/');
  return `${BASE}/facets/${version}/${type}.json#/$defs/${type}`;
}

const isFacetName = (name: string): name is FacetName => Object.hasOwn(FACETS, name);
