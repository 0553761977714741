import path from 'node:path';
import { type Manifest, resolveLocation, ShardmillError } from '@shardmill/core';
import { type ServiceOptions, withServices } from './with-services.js';

export interface ReadManifestOptions extends ServiceOptions {
  /** The id of a run of the output folder; its last finished one where left out. */
  readonly run?: string | undefined;
}

/**
 * The manifest of a finished run.
 * @param uri an output folder, or a `manifest.json`; a path, `file://` or `s3://`.
 * @throws RUN_STATE where no run there has finished, RUN_NOT_FOUND where there is none
 */
export function readManifest(uri: string, options: ReadManifestOptions = {}): Promise<Manifest> {
  const location = resolveLocation(uri, path.resolve(options.base ?? '.'));
  return withServices(options, async ({ stores }) => {
    const inspecting = await import('../inspect/inspect-run.js');
    if (location.endsWith('.json')) {
      const found = await inspecting.readManifest(location, stores);
      if (found.kind === 'run') return found.manifest;
    }
    if ((await inspecting.runsIn(location, stores)).length === 0) {
      throw new ShardmillError('RUN_NOT_FOUND', 'no run has written here', {
        where: location,
        remedy: 'Give the output folder of a run, or the location of its manifest.json.',
      });
    }
    const found = await inspecting.inspectRun(location, stores, options.run);
    if (found.kind === 'run') return found.manifest;
    const message = `run ${found.plan.runId} has not finished: it has no manifest yet`;
    throw new ShardmillError('RUN_STATE', message, { where: location });
  });
}
