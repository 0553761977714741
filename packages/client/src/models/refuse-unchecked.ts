import { ShardmillError } from '@shardmill/core';
import type { ModelVersion, PastRun } from '@shardmill/scheduler';

/**
 * Holds a version that is to be promoted against what was scored with it.
 * @param runs finished runs of all jobs with checks.
 * @throws MODEL_CHECKS_MISSING unless one with this version has passed its checks.
 */
export function refuseUnchecked(
  runs: readonly PastRun[],
  name: string,
  version: Pick<ModelVersion, 'version' | 'file' | 'externalData'>,
): void {
  const own = runs.filter(({ model }) => isOf(model, name, version));
  if (own.some(({ quality }) => quality === 'passed')) return;
  const which = `${name}@${version.version}`;
  const seen =
    own.length === 0
      ? 'no finished run of a job with checks has scored with it'
      : `${own.length === 1 ? 'the finished run' : `each of ${own.length} finished runs`} that scored with it was accepted in spite of a failed check`;
  throw new ShardmillError('MODEL_CHECKS_MISSING', seen, { where: which });
}

/** By its name and version; or by its file, if that is the whole model. */
function isOf(
  model: PastRun['model'],
  name: string,
  { version, file, externalData }: Pick<ModelVersion, 'version' | 'file' | 'externalData'>,
): boolean {
  if (model.name === name && model.version === version) return true;
  return externalData.length === 0 && model.sha256 === file.sha256;
}
