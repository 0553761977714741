import type {
  ModelChangeDocument,
  ModelDiffDocument,
  ModelDocument,
  ModelHistoryDocument,
  ModelsDocument,
  ModelTestDocument,
  ModelVersionDocument,
} from '@shardmill/client/document-schemas';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import type {
  AliasChange,
  ModelDifference,
  ModelEvent,
  ModelTest,
  RegisteredModel,
  ShownModel,
  ShownVersion,
} from '@shardmill/client/models';

const schemaVersion = DOCUMENT_VERSION;

/** Of `model show NAME@VERSION`; `model add` says more. */
export function modelVersionDocument(
  version: ShownVersion,
  more: Pick<ModelVersionDocument, 'added' | 'notices'> = {},
): ModelVersionDocument {
  return { schemaVersion, ...versionPart(version), ...more };
}

export function modelDocument({ model, versions }: ShownModel): ModelDocument {
  const aliases = model.aliases.map(({ alias, version, at, by, earlier }) => ({
    alias,
    version,
    at,
    by,
    earlier: [...earlier],
  }));
  return { schemaVersion, name: model.name, aliases, versions: versions.map(versionPart) };
}

export function modelsDocument(
  registry: string,
  models: readonly RegisteredModel[],
): ModelsDocument {
  return {
    schemaVersion,
    registry,
    models: models.map(({ name, versions, aliases, events }) => {
      const { at = '', by = '' } = events.at(-1) ?? {};
      return {
        name,
        versions: versions.map(({ version }) => version),
        aliases: aliases.map((one) => ({
          alias: one.alias,
          version: one.version,
          at: one.at,
          by: one.by,
        })),
        at,
        by,
      };
    }),
  };
}

export const modelChangeDocument = (change: AliasChange): ModelChangeDocument => ({
  schemaVersion,
  ...change,
});

export function modelHistoryDocument(
  name: string,
  events: readonly ModelEvent[],
): ModelHistoryDocument {
  return { schemaVersion, name, events: events.map(eventPart) };
}

export function modelDiffDocument({
  before,
  after,
  same,
  changes,
}: ModelDifference): ModelDiffDocument {
  const side = ({ name, version, file }: ShownVersion): ModelDiffDocument['before'] => ({
    name,
    version,
    sha256: file.sha256,
  });
  return {
    schemaVersion,
    before: side(before),
    after: side(after),
    same,
    breaks: changes.some(({ breaks }) => breaks),
    changes: [...changes],
  };
}

export function modelTestDocument(
  job: string,
  tolerance: number,
  { current, other, comparison }: ModelTest,
): ModelTestDocument {
  const { rows, columns, worst } = comparison;
  return {
    schemaVersion,
    job,
    current,
    other,
    tolerance,
    rows: {
      compared: rows.compared,
      differing: rows.differing,
      onlyCurrent: rows.onlyInScores,
      onlyOther: rows.onlyExpected,
    },
    columns: columns.map(({ name, comparison: kind, differing, largestDifference, agreement }) => ({
      name,
      compared: kind !== 'incomparable',
      differing,
      agreement: rows.compared === 0 ? null : 1 - differing / rows.compared,
      largestDifference,
      meanDifference: agreement?.meanDifference ?? null,
      meanCurrent: agreement?.means.scores ?? null,
      meanOther: agreement?.means.expected ?? null,
      rankCorrelation: agreement?.rankCorrelation ?? null,
    })),
    worst: worst.map(({ key, column, score, expected, difference }) => ({
      row: key,
      column,
      current: score,
      other: expected,
      difference,
    })),
  };
}

function versionPart({
  file,
  aliases,
  ...version
}: ShownVersion): Omit<ModelVersionDocument, 'schemaVersion' | 'added' | 'notices'> {
  return { ...version, ...file, aliases: [...aliases] };
}

function eventPart(event: ModelEvent): ModelHistoryDocument['events'][number] {
  const { format: _, id: __, ...rest } = event;
  if (rest.kind !== 'added') return rest;
  const { model, ...added } = rest;
  return { ...added, sha256: model.file.sha256 };
}
