import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds. @throws an error that names it, after most of a minute */
export async function waitFor(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 50_000;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`waited without result for ${what}`);
    await sleep(5);
  }
}
