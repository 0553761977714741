import { cancelRun as cancel } from '@shardmill/client/fleet';
import { ShardmillError } from '@shardmill/core';
import { followRun } from '../fleet/follow-run.js';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';

export interface EndFlags {
  readonly wait?: boolean | undefined;
}

/** Requests that a run is cancelled. @throws RUN_NOT_FOUND, RUN_STATE */
export function cancelRun(
  reference: string,
  flags: EndFlags,
  terminal: Terminal,
  services: Pick<Services, 'withFleet'>,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const { run: cancelled, announced } = await cancel(fleet, reference);
    const { run } = cancelled.request;
    if (flags.wait) {
      try {
        return await followRun(fleet, cancelled, terminal);
      } catch (error) {
        // This is what was requested.
        if (!(error instanceof ShardmillError) || error.code !== 'RUN_CANCELLED') throw error;
      }
    }
    const state = flags.wait ? 'cancelled' : 'cancelling';
    return {
      json: () => ({ run, state }),
      text: ({ colors }) =>
        [
          flags.wait
            ? `${colors.green('✓')} run ${run} is cancelled; what is done is kept`
            : `${colors.green('✓')} run ${run} will be cancelled; what is done is kept`,
          ...(announced
            ? []
            : [colors.yellow('  Redis does not answer: it takes effect when it is back.')]),
          `  ${colors.dim('go on with it later:')} shardmill resume ${run}`,
        ].join('\n'),
    };
  });
}
