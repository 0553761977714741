import path from 'node:path';
import type { AcceptOptions } from '../accept/accept-fleet-run.js';
import type { FinishedRun } from '../fleet/run-end.js';
import { type ServiceOptions, withServices } from './with-services.js';

export interface AcceptLocalOptions extends AcceptOptions, ServiceOptions {
  /** The id of a run of the output folder; the last one that ended by its checks where left out. */
  readonly run?: string | undefined;
}

/**
 * Publishes a run on this machine that ended by its checks, after a person has looked at it; nothing is scored.
 * @param output the folder of its output; a path, `file://` or `s3://`.
 * @throws RUN_NOT_FOUND, RUN_STATE, RUN_ACCEPTED, STORE_…
 */
export function accept(
  output: string,
  { run, base = '.', config, reason, by }: AcceptLocalOptions,
): Promise<FinishedRun> {
  return withServices({ base, config }, async (services) => {
    const { acceptLocalRun } = await import('../accept/accept-local-run.js');
    return acceptLocalRun(output, run, { reason, by }, path.resolve(base), services);
  });
}
