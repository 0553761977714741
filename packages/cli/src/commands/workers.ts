import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import { workersTable } from '../ui/fleet/workers-table.js';

/** Lists the processes of the fleet, as Redis knows them. @throws REDIS_UNREACHABLE */
export function listWorkers(services: Pick<Services, 'withFleet'>): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const processes = await fleet.processes();
    const now = Date.now();
    return { json: () => processes, text: (style) => workersTable(processes, now, style) };
  });
}
