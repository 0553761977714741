import { expect, it } from 'vitest';
import { completeSettings } from './settings.js';

it('fills in defaults, and refuses what makes no sense', () => {
  expect(completeSettings({ relistMs: 7 })).toMatchObject({ intervalMs: 5000, relistMs: 7 });
  expect(completeSettings({ settleMs: 0 }).settleMs).toBe(0);
  for (const settings of [{ intervalMs: 0 }, { plansAtOnce: 1.5 }, { windowPerWorker: -1 }]) {
    expect(() => completeSettings(settings)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  }
});
