import { failuresPrefix } from '@shardmill/core';
import { attemptRound } from '@shardmill/scheduler';
import { listFailures } from '../fleet/list-failures.js';
import { RunObserver } from '../fleet/run-observer.js';
import { standstill } from '../fleet/run-look.js';
import type { Result } from '../result.js';
import type { Services } from '../services.js';
import { statusReport } from '../ui/status-report.js';

/** Stories of failed shards that are shown. */
const STORIES = 3;

/** Shows how a run stands, also without Redis. @throws RUN_NOT_FOUND, STORE_… */
export async function showStatus(
  reference: string,
  services: Pick<Services, 'withFleet'>,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const observer = new RunObserver(fleet, await fleet.find(reference));
    const look = await observer.look();
    const { run } = observer;
    const planRun = run.planRun ?? run.request.run;
    const store = fleet.stores.open(run.request.job.output.uri);
    const failures =
      look.view.shards.failed > 0
        ? await listFailures(store, planRun, attemptRound(run), STORIES)
        : [];
    const failuresAt =
      failures.length > 0 ? store.locate(failuresPrefix(planRun, attemptRound(run))) : undefined;
    const now = Date.now();
    return {
      json: () => ({
        ...look.view,
        seen: look.from,
        redis: look.processes === undefined ? 'away' : 'answers',
        waiting: standstill(look) ?? null,
        round: run.round,
        key: run.request.key,
        submittedBy: run.request.submittedBy,
        failures,
        failuresAt: failuresAt ?? null,
      }),
      text: (style) =>
        statusReport({ look, request: run.request, failures, failuresAt }, now, style),
    };
  });
}
