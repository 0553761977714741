import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is yes. @throws naming what was waited for, after most of a minute */
export async function waitFor(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 50_000;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`waited without result for ${what}`);
    await sleep(5);
  }
}
