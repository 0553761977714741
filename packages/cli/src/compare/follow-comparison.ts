import type { Plan } from '@shardmill/core';
import type { PreparedJob } from '@shardmill/client/jobs';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import type { ShownComparison } from '../ui/comparison-report.js';
import { whileWatching } from '../while-watching.js';
import type { Expectation } from '@shardmill/client/compare';

/** Scores and compares, and shows on standard error how it goes on. */
export async function compareScores(
  prepared: PreparedJob,
  { scoring }: Plan,
  expectation: Expectation,
  terminal: Terminal,
  { scoreAndCompare, stores }: Pick<Services, 'scoreAndCompare' | 'stores'>,
): Promise<ShownComparison> {
  const { name } = prepared.job;
  return whileWatching(name, terminal, stores, async ({ display, signal, notice }) => {
    const compared = await scoreAndCompare(
      { prepared, columns: scoring.output.columns, expectation, signal },
      // Notices of the plan are shown with the checks.
      { planned: () => {}, progress: (progress) => display.update(progress), notice },
    );
    return { ...compared, expectation, trial: prepared.selection !== undefined };
  });
}
