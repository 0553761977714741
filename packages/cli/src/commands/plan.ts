import { type JobFlags, prepareJob } from '@shardmill/client/jobs';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { planReport } from '../ui/plan-report.js';

/** Shows what a run would do; writes nothing. @throws ShardmillError */
export async function planJob(
  reference: string,
  flags: JobFlags,
  terminal: Terminal,
  services: Pick<Services, 'planJob' | 'checkOutput' | 'warmUp'>,
): Promise<Result> {
  services.warmUp();
  const planned = await services.planJob(await prepareJob(reference, flags, terminal.cwd));
  const { plan, scorer } = planned;
  const output = await services.checkOutput(plan);
  return {
    json: () => ({ ...plan, scorer, outputLocation: output }),
    text: (style) => planReport(planned, output, style),
  };
}
