import { collectGarbage } from '@shardmill/client/fleet';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import { plural } from '../ui/text/format.js';

export interface GcFlags {
  /** Milliseconds. */
  readonly olderThan: number;
  readonly dryRun?: boolean | undefined;
}

/** Runs that are named; the rest is counted. */
const NAMED = 10;

/**
 * Deletes the log of runs that ended long ago, and what submissions and writers that died left
 * behind. Results stay. @throws USAGE, STORE_…
 */
export function collect(flags: GcFlags, services: Pick<Services, 'withFleet'>): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const dryRun = flags.dryRun ?? false;
    const options = { olderThanMs: flags.olderThan, dryRun, now: new Date() };
    const { runs, objects } = await collectGarbage(fleet, options);
    return {
      json: () => ({ dryRun, runs, objects }),
      text: ({ colors }) => {
        if (objects.length === 0) return 'nothing to delete';
        const what = `${plural(objects.length, 'object')}, the logs of ${plural(runs.length, 'run')}`;
        const more = runs.length - NAMED;
        return [
          dryRun ? `would delete ${what}` : `${colors.green('✓')} deleted ${what}`,
          ...runs.slice(0, NAMED).map((run) => `  ${run}`),
          ...(more > 0 ? [`  and ${plural(more, 'more run', 'more runs')}`] : []),
        ].join('\n');
      },
    };
  });
}
