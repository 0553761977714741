import { type JobFlags, prepareJob } from '@shardmill/client/jobs';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { estimateFields } from '../ui/estimate-fields.js';
import { planReport } from '../ui/plan-report.js';

/** Shows what a run would do; writes nothing. @throws ShardmillError */
export async function planJob(
  reference: string,
  flags: JobFlags,
  terminal: Terminal,
  services: Pick<Services, 'planJob' | 'checkOutput' | 'estimateHere' | 'warmUp'>,
): Promise<Result> {
  services.warmUp();
  const prepared = await prepareJob(reference, flags, terminal.cwd);
  const planned = await services.planJob(prepared);
  const { plan, scorer } = planned;
  const output = await services.checkOutput(plan);
  const estimate = await services.estimateHere(plan, prepared.job.resources.pool);
  return {
    json: () => ({ ...plan, scorer, outputLocation: output, estimate }),
    text: (style) => planReport(planned, output, estimateFields(estimate, 'here'), style),
  };
}
