import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningCommand } from './command.js';

const MIN_PAUSE_MS = 10;
const MAX_PAUSE_MS = 50;

/**
 * Asks until the answer is yes.
 * @param runs commands that cannot bring it about any more once they have ended.
 * @throws naming what was waited for, after most of a minute or when one of them has ended.
 */
export async function waitFor(
  what: string,
  ask: () => Promise<boolean> | boolean,
  ...runs: readonly RunningCommand[]
): Promise<void> {
  const began = Date.now();
  const deadline = began + 50_000;
  while (Date.now() < deadline) {
    const over = runs.find((run) => run.over);
    if (await ask()) return;
    if (over) throw new Error(`it ended before ${what}: ${over.stdout}\n${over.stderr}`);
    // Long waits are for processes to start, which questions without a pause would slow down.
    await sleep(Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, (Date.now() - began) / 20)));
  }
  throw new Error(`${what} did not happen in time`);
}
