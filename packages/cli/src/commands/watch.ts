import { followRun } from '../fleet/follow-run.js';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';

/** Follows a run to its end, and ends as `run` would. @throws RUN_NOT_FOUND; the run's own error */
export function watchRun(
  reference: string,
  terminal: Terminal,
  services: Pick<Services, 'withFleet'>,
): Promise<Result> {
  return services.withFleet(async (fleet) =>
    followRun(fleet, await fleet.find(reference), terminal),
  );
}
