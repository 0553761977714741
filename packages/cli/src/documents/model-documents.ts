import type {
  ModelChangeDocument,
  ModelDiffDocument,
  ModelDocument,
  ModelHistoryDocument,
  ModelsDocument,
  ModelVersionDocument,
} from '@shardmill/client/document-schemas';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import type {
  AliasChange,
  ModelDifference,
  ModelEvent,
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
