import {
  isModelReference,
  type Job,
  type JobChallenger,
  type ModelFile,
  type ModelRelease,
  parseModelReference,
  type Scoring,
  ShardmillError,
} from '@shardmill/core';
import type { ModelVersion } from './fold-model.js';
import type { ModelRegistry } from './model-registry.js';

/** The version that a job's model is, with all that is known of its files. */
export interface PinnedRelease extends ModelRelease {
  /** The model's own file first; locations are whole. */
  readonly files: readonly ModelFile[];
}

/** Versions of the registry that a job's references are. */
export interface PinnedReleases {
  /** Of its model; undefined where the job names a location. */
  readonly release?: PinnedRelease | undefined;
  /** The same of its challengers, by their names. */
  readonly challengerReleases?: Readonly<Record<string, PinnedRelease>> | undefined;
}

export interface ResolvedJob extends PinnedReleases {
  /** With a location and a digest in place of each reference. */
  readonly job: Job;
}

/**
 * The job with what its references (`models:/churn@production`) mean now. Without one, nothing is read.
 * @param version instead of the one that the alias points to.
 * @throws MODEL_NAME_INVALID, MODEL_NOT_REGISTERED, MODEL_REGISTRY_DAMAGED, MODEL_SHA256_MISMATCH
 */
export async function resolveModel(
  job: Job,
  registry: ModelRegistry,
  version?: number,
): Promise<ResolvedJob> {
  const own = await resolveReference(job.model, registry, 'model', version);
  const { challengers } = job;
  if (challengers === undefined) return { job: { ...job, model: own.model }, release: own.release };
  const releases: Record<string, PinnedRelease> = {};
  const resolved: JobChallenger[] = [];
  for (const challenger of challengers) {
    const { name } = challenger;
    const where = `challengers.${name}.model`;
    const { model, release } = await resolveReference(challenger.model, registry, where);
    if (release !== undefined) releases[name] = release;
    resolved.push({ ...challenger, model });
  }
  return {
    job: { ...job, model: own.model, challengers: resolved },
    release: own.release,
    challengerReleases: releases,
  };
}

async function resolveReference<M extends { uri: string; sha256?: string | undefined }>(
  model: M,
  registry: ModelRegistry,
  where: string,
  version?: number,
): Promise<{ readonly model: M; readonly release?: PinnedRelease }> {
  if (!isModelReference(model.uri)) return { model };
  const { name, selector } = parseModelReference(model.uri, `${where}.uri`);
  const chosen = version === undefined ? selector : ({ kind: 'version', version } as const);
  const found = await registry.resolve({ name, selector: chosen }, `${where}.uri`);
  const { sha256 } = found.file;
  const pinned = model.sha256?.toLowerCase();
  if (pinned !== undefined && pinned !== sha256) {
    throw new ShardmillError(
      'MODEL_SHA256_MISMATCH',
      `${name}@${found.version} has SHA-256 ${sha256}, the job pins ${pinned}`,
      { where: `${where}.sha256` },
    );
  }
  const files = filesOfVersion(found, registry);
  const alias = selector.kind === 'alias' ? { alias: selector.alias } : {};
  return {
    model: { ...model, uri: files[0].uri, sha256 },
    release: { name, version: found.version, ...alias, files },
  };
}

/** The files of a version by their whole locations, the model's own first. */
export function filesOfVersion(
  { copied, file, externalData }: ModelVersion,
  { store }: Pick<ModelRegistry, 'store'>,
): readonly [ModelFile, ...ModelFile[]] {
  const whole = (one: ModelFile): ModelFile => ({
    ...one,
    uri: copied ? store.locate(one.uri) : one.uri,
  });
  return [whole(file), ...externalData.map(whole)];
}

/** What a plan and a manifest say of it. */
export const releaseOf = ({ name, version, alias }: PinnedRelease): ModelRelease => ({
  name,
  version,
  ...(alias !== undefined && { alias }),
});

/** Holds weights against those that were registered. @throws MODEL_VERSION_CHANGED */
export function checkWeights(release: PinnedRelease, { externalData }: Scoring['model']): void {
  const [, ...registered] = release.files;
  const changed = externalData.find(({ sha256 }, i) => registered[i]?.sha256 !== sha256);
  if (changed !== undefined) throw versionChanged(release, 'its weights are others', changed.uri);
}

/** What was thrown about a model that a job pins, said of a version of the registry. */
export function aboutRelease(thrown: unknown, release: PinnedRelease): unknown {
  if (!(thrown instanceof ShardmillError)) return thrown;
  const { code, message, where } = thrown;
  const [own] = release.files;
  if (code === 'MODEL_SHA256_MISMATCH') {
    const reason = `it was registered with SHA-256 ${own?.sha256}, and its file has another`;
    return versionChanged(release, reason, where, thrown);
  }
  if (code !== 'MODEL_NOT_FOUND') return thrown;
  return versionChanged(release, message, where, thrown);
}

function versionChanged(
  { name, version }: PinnedRelease,
  reason: string,
  where: string | undefined,
  cause?: unknown,
): ShardmillError {
  const message = `${name}@${version} is not as it was registered: ${reason}`;
  return new ShardmillError('MODEL_VERSION_CHANGED', message, { where, cause });
}
