import type { Plan } from '@shardmill/core';
import { watchInterrupts } from '../interrupts.js';
import type { PreparedJob } from '@shardmill/client/jobs';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import type { ShownComparison } from '../ui/comparison-report.js';
import { ProgressDisplay } from '../ui/run/progress-display.js';
import type { Expectation } from '@shardmill/client/compare';

/** Scores and compares, and shows on standard error how it goes on. */
export async function compareScores(
  prepared: PreparedJob,
  { scoring }: Plan,
  expectation: Expectation,
  terminal: Terminal,
  { scoreAndCompare, stores }: Pick<Services, 'scoreAndCompare' | 'stores'>,
): Promise<ShownComparison> {
  const display = new ProgressDisplay(terminal, prepared.job.name);
  const { yellow } = terminal.errStyle.colors;
  const notice = (message: string): void => display.notice(yellow(message));
  stores.onWaiting = notice;
  const interrupts = watchInterrupts(() => notice('stopping'));
  try {
    const compared = await scoreAndCompare(
      { prepared, columns: scoring.output.columns, expectation, signal: interrupts.signal },
      // Notices of the plan are shown with the checks.
      {
        planned: () => {},
        progress: (progress) => display.update(progress),
        notice,
      },
    );
    return { ...compared, expectation, trial: prepared.selection !== undefined };
  } finally {
    interrupts.close();
    display.close();
  }
}
