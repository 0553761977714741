import path from 'node:path';
import type { EvaluationDocument } from '../documents/evaluation-schema.js';
import type { EvaluationOptions } from '../evaluate/evaluate-run.js';
import { type ServiceOptions, withServices } from './with-services.js';

export interface EvaluateOptions extends EvaluationOptions, ServiceOptions {
  /** The id of a run of the output folder; its last finished one where left out. */
  readonly run?: string | undefined;
  /** Store it with the run, so that its report shows it. */
  readonly save?: boolean | undefined;
}

/**
 * How good the scores of a finished run are, by labels that came later.
 * @param reference an output folder, a `manifest.json`, or the id of a run of a fleet.
 * @throws ShardmillError; LABELS_… for labels that cannot be used
 */
export function evaluate(
  reference: string,
  { run, save = false, base = '.', config, ...options }: EvaluateOptions,
): Promise<EvaluationDocument> {
  const cwd = path.resolve(base);
  return withServices({ base, config }, ({ evaluate: evaluateRun }) =>
    evaluateRun({ reference, run, save, options, cwd }),
  );
}
