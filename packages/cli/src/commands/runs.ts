import { listRuns as list } from '@shardmill/client/fleet';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../result.js';
import { runsTable } from '../ui/fleet/runs-table.js';

export interface RunsFlags {
  readonly all?: boolean | undefined;
}

/** Lists runs, the latest first; works without Redis. @throws STORE_… */
export function listRuns(flags: RunsFlags, services: Pick<Services, 'withFleet'>): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const { runs, more } = await list(fleet, flags.all ?? false);
    const now = Date.now();
    return { json: () => runs, text: (style) => runsTable(runs, more, now, style) };
  });
}
