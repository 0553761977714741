import { reopenRun as reopen } from '@shardmill/client/fleet';
import { limitsOf } from '@shardmill/client/jobs';
import { followRun } from '../fleet/follow-run.js';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';

export interface ReopenFlags {
  readonly maxRejectedRows?: string | number | undefined;
  readonly maxDuration?: string | undefined;
  readonly maxCost?: number | undefined;
  readonly wait?: boolean | undefined;
}

/**
 * Begins another round of a run: what has no record is tried again. `resume` takes failed and
 * cancelled runs, `retry` failed ones. @throws RUN_NOT_FOUND, RUN_STATE; with `--wait` the run's own
 */
export function reopenRun(
  reference: string,
  of: 'failed' | 'failed-or-cancelled',
  flags: ReopenFlags,
  terminal: Terminal,
  services: Pick<Services, 'withFleet'>,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const { maxRejectedRows } = flags;
    const limits = limitsOf(flags);
    const { run: reopened } = await reopen(fleet, reference, { of, maxRejectedRows, limits });
    const { run } = reopened.request;
    if (flags.wait) return followRun(fleet, reopened, terminal);
    return {
      json: () => ({ run, round: reopened.round }),
      text: ({ colors }) =>
        [
          `${colors.green('✓')} run ${run} goes on; parts that are done are kept`,
          `  ${colors.dim('follow it:')} shardmill watch ${run}`,
        ].join('\n'),
    };
  });
}
