import {
  endOfRun,
  type Fleet,
  failuresOf,
  type RegisteredRun,
  watchRun,
} from '@shardmill/client/fleet';
import { watchInterrupts } from '../interrupts.js';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { failedShardLines } from '../ui/fleet/failed-shards.js';
import { WatchDisplay } from '../ui/fleet/watch-display.js';
import { finishedResult } from './finished-result.js';

/**
 * Shows how a run goes on until it ends, and answers as `run` would. Redis or a store that does not
 * answer for a while is waited for.
 * @throws the error of a failed run; RUN_CANCELLED; INTERRUPTED on Ctrl-C, which leaves the run alone
 */
export async function followRun(
  fleet: Fleet,
  run: RegisteredRun,
  terminal: Terminal,
): Promise<Result> {
  const display = new WatchDisplay(terminal);
  const interrupts = watchInterrupts(() => {});
  let last = run;
  try {
    for await (const event of watchRun(fleet, run, { signal: interrupts.signal })) {
      if (event.kind === 'snapshot') display.update(event.snapshot);
      else if (event.kind === 'notice') {
        display.notice(terminal.errStyle.colors.yellow(event.message));
      } else last = event.run;
    }
  } finally {
    interrupts.close();
    display.close();
  }
  if (last.phase === 'failed') await showFailures(fleet, last, terminal);
  return finishedResult(await endOfRun(fleet, last));
}

/** The attempts of failed shards, ahead of the error with which the command ends. */
async function showFailures(fleet: Fleet, run: RegisteredRun, terminal: Terminal): Promise<void> {
  // It has no shards; and its output may be why.
  if (run.planRun === null) return;
  const failures = await failuresOf(fleet, run);
  if (failures.length === 0) return;
  const failed = run.events.findLast((event) => event.kind === 'failed');
  const all = Math.max(failures.length, failed?.shardsFailed ?? 0);
  const lines = failedShardLines(failures, all, undefined, terminal.errStyle);
  terminal.err(`${lines.slice(1).join('\n')}\n\n`);
}
