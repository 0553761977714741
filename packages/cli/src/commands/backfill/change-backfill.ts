import { cancelBackfill, resumeBackfill } from '@shardmill/client/backfill';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { followBackfill } from './follow-backfill.js';
import { runHere } from './run-here.js';

/** Begins no more dates, and cancels the runs that are under way. @throws BACKFILL_NOT_FOUND, BACKFILL_STATE */
export function cancel(reference: string, services: Pick<Services, 'withFleet'>): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const { request, phase } = await cancelBackfill(fleet, reference);
    const { id, place } = request;
    return {
      json: () => ({ backfill: id, state: phase }),
      text: ({ colors }) =>
        [
          `${colors.green('✓')} backfill ${id} will be cancelled; dates that are done are kept`,
          ...(place === 'local'
            ? [`  ${colors.dim('the process that runs it ends after the date that it works on')}`]
            : []),
          `  ${colors.dim('go on with it later:')} shardmill backfill resume ${id}`,
        ].join('\n'),
    };
  });
}

export interface ResumeFlags {
  readonly wait?: boolean | undefined;
}

/** Runs the dates that did not finish. @throws BACKFILL_NOT_FOUND, BACKFILL_STATE */
export function resume(
  reference: string,
  flags: ResumeFlags,
  terminal: Terminal,
  services: Pick<Services, 'withFleet' | 'localRun'>,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const backfill = await resumeBackfill(fleet, reference);
    const { id, place } = backfill.request;
    if (place === 'local') return runHere(fleet, backfill, terminal, services);
    if (flags.wait === true) return followBackfill(fleet, id, terminal);
    return {
      json: () => ({ backfill: id, state: backfill.phase }),
      text: ({ colors }) =>
        [
          `${colors.green('✓')} backfill ${id} goes on with the dates that did not finish`,
          `  ${colors.dim('how it stands:')} shardmill backfill show ${id}`,
        ].join('\n'),
    };
  });
}
