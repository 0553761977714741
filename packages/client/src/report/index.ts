import type { Services } from '../services.js';
import { buildReport } from './build-report.js';
import { findRun } from './find-run.js';
import { readFacts } from './read-facts.js';
import type { RunReport } from '../documents/report-schema.js';

export type {
  ProfileColumn,
  RejectedReason,
  ReportColumn,
  ReportDrift,
  ReportEvent,
  ReportProfile,
  ReportWorker,
  RetriedShard,
  RunReport,
  SlowPart,
  SlowShard,
  Throughput,
} from '../documents/report-schema.js';

export { runReportSchema } from '../documents/report-schema.js';

export interface ReportOptions {
  /** The id of one of the runs of an output folder. */
  readonly run?: string | undefined;
  /** Whether rejected rows are shown with their values. */
  readonly examples: boolean;
}

/**
 * What is stored of a run, for a person to read.
 * @param reference the location of its output or its manifest, or its id in the log of runs.
 * @throws RUN_NOT_FOUND, RUN_STATE, USAGE, PLAN_MISMATCH, STORE_…
 */
export async function reportRun(
  reference: string,
  { run, examples }: ReportOptions,
  cwd: string,
  services: Pick<Services, 'stores' | 'withEngine' | 'withFleet'>,
): Promise<RunReport> {
  const found = await findRun(reference, run, cwd, services);
  return buildReport(await readFacts(found, examples, services));
}
