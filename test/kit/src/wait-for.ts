import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is yes. @throws naming what was waited for, after most of a minute */
export async function waitFor(
  what: string,
  ask: () => Promise<boolean> | boolean,
  withinMs = 50_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen in time`);
    await sleep(5);
  }
}
