import type { FinishedRun } from '@shardmill/client/fleet';
import type { Result } from '../result.js';
import { runDocument } from '../documents/run-document.js';
import { runSummary } from '../ui/run/run-summary.js';
import { scoreColumns } from '../ui/run/score-columns.js';

/** A finished run of a fleet, shown as `run` shows its own. */
export function finishedResult(run: FinishedRun): Result {
  const { plan, elapsedMs, resumed } = run;
  const attempt = { elapsedMs, resumed, rowsResumed: 0 };
  return {
    json: () => runDocument({ ...run, rowsResumed: 0 }),
    text: (style) =>
      runSummary({ ...run, attempt, scores: plan && scoreColumns(plan.scoring) }, style),
  };
}
