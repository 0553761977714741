import { setTimeout as sleep } from 'node:timers/promises';
import { ShardmillError, toShardmillError } from '@shardmill/core';
import { attemptRound, type RegisteredRun } from '@shardmill/scheduler';
import { watchInterrupts } from '../interrupts.js';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { failedShardLines } from '../ui/failed-shards.js';
import { WatchDisplay } from '../ui/watch-display.js';
import type { Fleet } from './fleet.js';
import { listFailures } from './list-failures.js';
import { endOfRun } from './run-end.js';
import { RunObserver } from './run-observer.js';

const POLL_MS = 500;
/** Stories of failed shards that are shown at the end. */
const STORIES = 3;

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
  const observer = new RunObserver(fleet, run);
  const display = new WatchDisplay(terminal);
  const interrupts = watchInterrupts(() => {});
  const { signal } = interrupts;
  const aborted = once(signal);
  const trouble = new Trouble((line) => display.notice(terminal.errStyle.colors.yellow(line)));
  try {
    while (!observer.ended) {
      if (signal.aborted) throw leftAlone(run.request.run);
      const look = trouble.around(async () => display.update(await observer.look()));
      await Promise.race([look, aborted]);
      // Once it is aborted, nobody waits for it any more.
      look.catch(() => {});
      if (!observer.ended) await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    interrupts.close();
    display.close();
  }
  if (observer.run.phase === 'failed') await tellFailures(fleet, observer.run, terminal);
  return endOfRun(fleet, observer.run);
}

/** Something that is asked again and again and may not answer for a while: told once each time. */
class Trouble {
  #last = '';

  constructor(readonly tell: (line: string) => void) {}

  /** @throws what will not pass by waiting. */
  async around(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
      if (this.#last !== '') this.tell('the store answers again');
      this.#last = '';
    } catch (thrown) {
      const error = toShardmillError(thrown);
      if (error.code !== 'STORE_UNREACHABLE') throw error;
      if (error.message !== this.#last) this.tell(`${error.code} ${error.message}; asking again`);
      this.#last = error.message;
    }
  }
}

/** The stories of failed shards, ahead of the error with which the command ends. */
async function tellFailures(fleet: Fleet, run: RegisteredRun, terminal: Terminal): Promise<void> {
  // It has no shards; and its output may be why.
  if (run.planRun === null) return;
  const store = fleet.stores.open(run.request.job.output.uri);
  const { planRun } = run;
  const failures = await listFailures(store, planRun, attemptRound(run), STORIES);
  if (failures.length === 0) return;
  const last = run.events.findLast((event) => event.kind === 'failed');
  const all = Math.max(failures.length, last?.shardsFailed ?? 0);
  const lines = failedShardLines(failures, all, undefined, terminal.errStyle);
  terminal.err(`${lines.slice(1).join('\n')}\n\n`);
}

function leftAlone(run: string): ShardmillError {
  return new ShardmillError('INTERRUPTED', `not waiting any more; run ${run} goes on`, {
    remedy: `Follow it again with \`shardmill watch ${run}\`, stop it with \`shardmill cancel ${run}\`.`,
  });
}

/** Resolved when the signal is aborted: one listener, however often it is waited for. */
function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
