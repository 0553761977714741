import { type Check, type ProfileAnswer, type QualityOutcome, unreachable } from '@shardmill/core';
import type { PastRun } from '../history/past-run.js';
import type { QualityFacts } from '../quality-facts.js';
import { checkAllowedValues } from './allowed-values.js';
import { findCheckedColumn } from './checked-column.js';
import { checkFreshness } from './freshness.js';
import { type Finding, outcomeOf } from './outcome.js';
import { checkRange } from './range.js';
import { checkRate, checkRowShare } from './rates.js';
import { checkRowCount } from './row-count.js';
import { askProfile, checkSql } from './sql.js';
import { checkUnique } from './unique.js';

/** The outcomes of the checks of a run's plan. */
export async function checkOutcomes(facts: QualityFacts): Promise<QualityOutcome[]> {
  const checks = facts.plan.checks?.checks ?? [];
  const compares = checks.some(comparesRuns);
  const history = compares ? await facts.history() : [];
  const answers = await askProfile(
    checks.filter((check) => check.kind === 'sql'),
    facts,
  );
  return checks.map((check) => outcomeOf(check, evaluateCheck(check, facts, { history, answers })));
}

/** Whether a check needs earlier runs of the job. */
function comparesRuns(check: Check): boolean {
  return check.kind === 'rowCount' && check.previous !== undefined;
}

/** What was asked for before anything is decided. */
interface Asked {
  readonly history: readonly PastRun[];
  /** By the name of the check. */
  readonly answers: ReadonlyMap<string, ProfileAnswer>;
}

/** Decides one check, from values alone. */
function evaluateCheck(check: Check, facts: QualityFacts, { history, answers }: Asked): Finding {
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
    case 'sql':
      return checkSql(answers.get(check.name));
    case 'unique':
      return checkUnique(check, facts);
    default:
      return unreachable(check, 'kind of check');
  }
}
