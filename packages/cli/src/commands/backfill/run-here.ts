import {
  endOfBackfill,
  type LocalDate,
  type RegisteredBackfill,
  runBackfillHere,
} from '@shardmill/client/backfill';
import type { Fleet } from '@shardmill/client/fleet';
import type { RunEvents } from '@shardmill/client/local-run';
import type { Services } from '@shardmill/client/services';
import { watchInterrupts } from '../../interrupts.js';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { plural } from '../../ui/text/format.js';
import { ProgressDisplay } from '../../ui/run/progress-display.js';
import { backfillResult } from './follow-backfill.js';

/** Runs a backfill on this machine. @throws BACKFILL_FAILED, INTERRUPTED */
export async function runHere(
  fleet: Fleet,
  backfill: RegisteredBackfill,
  terminal: Terminal,
  { localRun }: Pick<Services, 'localRun'>,
): Promise<Result> {
  const { dim, yellow, green, red } = terminal.errStyle.colors;
  const interrupts = watchInterrupts(() => {
    terminal.err(`${yellow('stopping: dates and parts that are done are kept')}\n`);
  });
  try {
    const seen = await runBackfillHere(
      fleet,
      backfill,
      async ({ job, jobFile, params, ts }: LocalDate) => {
        const display = new ProgressDisplay(terminal, `${job.name} ${params['ds'] ?? ts}`);
        const events: RunEvents = {
          planned: () => {},
          progress: (progress) => display.update(progress),
          notice: (message) => display.notice(yellow(message)),
        };
        try {
          return await localRun(
            {
              job,
              jobFile,
              params,
              // A run that finished and was not noted would be refused as appended twice.
              ifFinished: job.output.mode === 'append' ? 'ok' : 'fail',
              signal: interrupts.signal,
            },
            events,
          );
        } finally {
          display.close();
        }
      },
      {
        begun: ({ params, ts }, done, dates) => {
          terminal.err(`${dim(`${params['ds'] ?? ts}: date ${done + 1} of ${dates}`)}\n`);
        },
        ended: ({ params, ts }, { outcome, rows, error }) => {
          const what =
            outcome === 'finished'
              ? `${green('✓')} ${rows === null ? 'scored before' : plural(rows.scored, 'row')}`
              : `${outcome === 'skipped' ? yellow('–') : red('✗')} ${error === null ? outcome : `${error.code}: ${error.message}`}`;
          terminal.err(`${params['ds'] ?? ts}: ${what}\n`);
        },
      },
    );
    endOfBackfill(seen);
    return backfillResult(seen);
  } finally {
    interrupts.close();
  }
}
