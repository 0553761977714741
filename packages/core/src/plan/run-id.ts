import { randomBytes } from 'node:crypto';

/** `20261122T050000Z-3f9a1c20`: sorts by time; the random part keeps runs of one second apart. */
export function newRunId(now: Date, random: Buffer = randomBytes(4)): string {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${stamp}-${random.toString('hex')}`;
}
