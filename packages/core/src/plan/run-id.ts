import { randomBytes } from 'node:crypto';

/** `20261122T050000Z-3f9a1c20`: sorts by time; the random part keeps runs of one second apart. */
export function newRunId(now: Date, random: Uint8Array = randomBytes(4)): string {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${stamp}-${Buffer.from(random).toString('hex')}`;
}

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/;

/** Whether a text can be the id of a run, or the beginning of one: anything else is no key. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}
