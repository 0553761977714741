import { type Check, type QualityOutcome, unreachable } from '@shardmill/core';
import type { PastRun } from '../history/past-run.js';
import type { QualityFacts } from '../quality-facts.js';
import { checkAllowedValues } from './allowed-values.js';
import { findCheckedColumn } from './checked-column.js';
import { checkFreshness } from './freshness.js';
import { type Finding, outcomeOf } from './outcome.js';
import { checkRange } from './range.js';
import { checkRate, checkRowShare } from './rates.js';
import { checkRowCount } from './row-count.js';
import { checkUnique } from './unique.js';

/** The outcomes of the checks of a run's plan. */
export async function checkOutcomes(facts: QualityFacts): Promise<QualityOutcome[]> {
  const checks = facts.plan.checks?.checks ?? [];
  const compares = checks.some(comparesRuns);
  const history = compares ? await facts.history() : [];
  return checks.map((check) => outcomeOf(check, evaluateCheck(check, facts, history)));
}

/** Whether a check needs earlier runs of the job. */
function comparesRuns(check: Check): boolean {
  return check.kind === 'rowCount' && check.previous !== undefined;
}

/** Decides one check, from values alone. */
function evaluateCheck(check: Check, facts: QualityFacts, history: readonly PastRun[]): Finding {
  const { plan, rows } = facts;
  switch (check.kind) {
    case 'rowCount':
      return checkRowCount(check, rows, plan.job.params, history);
    case 'nulls':
    case 'nan':
      return checkRate(check, findCheckedColumn(check, facts));
    case 'range':
      return checkRange(check, findCheckedColumn(check, facts));
    case 'allowedValues':
      return checkAllowedValues(check, findCheckedColumn(check, facts));
    case 'rejected':
    case 'filtered':
      return checkRowShare(check, rows);
    case 'freshness':
      return checkFreshness(check, plan.checks?.newestInput, plan.createdAt);
    case 'unique':
      return checkUnique(check, facts);
    default:
      return unreachable(check, 'kind of check');
  }
}
