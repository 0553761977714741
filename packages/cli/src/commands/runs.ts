import { mapConcurrent } from '@shardmill/core';
import type { Result } from '../result.js';
import { listRun } from '../fleet/list-run.js';
import type { Services } from '../services.js';
import { runsTable } from '../ui/runs-table.js';

export interface RunsFlags {
  readonly all?: boolean | undefined;
}

/** Runs that are listed unless all are asked for; those under way come on top of these. */
const LATEST = 20;
const AT_ONCE = 16;

/** Lists runs, the latest first; works without Redis. @throws STORE_… */
export function listRuns(flags: RunsFlags, services: Pick<Services, 'withFleet'>): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const ids: string[] = [];
    let more = false;
    for await (const run of fleet.registry.list()) {
      if (!flags.all && ids.length >= LATEST) {
        more = true;
        break;
      }
      ids.push(run);
    }
    if (more) {
      for await (const run of fleet.registry.active()) if (!ids.includes(run)) ids.push(run);
      ids.sort((a, b) => (a < b ? 1 : -1));
    }
    const listed = await mapConcurrent(ids, AT_ONCE, (run) => listRun(fleet, run));
    const runs = listed.flatMap((run) => (run === undefined ? [] : [run]));
    const now = Date.now();
    return { json: () => runs, text: (style) => runsTable(runs, more, now, style) };
  });
}
