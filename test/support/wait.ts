import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is neither undefined nor false. @throws after a minute, naming what for. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + 50_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(10);
  }
  throw new Error(`waited in vain for ${what}`);
}
