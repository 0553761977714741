import { ShardmillError } from '@shardmill/core';
import type { SchedulerSettings } from './scheduler-options.js';

const DEFAULT_SETTINGS: SchedulerSettings = {
  intervalMs: 5_000,
  relistMs: 60_000,
  viewMs: 1_000,
  windowPerWorker: 2,
  smallestWindow: 16,
  plansAtOnce: 3,
  looksAtOnce: 4,
  settleMs: 60_000,
};

/** The settings with defaults filled in. @throws CONFIG_INVALID */
export function completeSettings(given: Partial<SchedulerSettings> = {}): SchedulerSettings {
  const settings = { ...DEFAULT_SETTINGS, ...given };
  for (const [name, value] of Object.entries(settings)) {
    const least = name === 'settleMs' ? 0 : 1;
    if (Number.isInteger(value) && value >= least) continue;
    throw new ShardmillError('CONFIG_INVALID', `${name} is ${value}, expected ${least} or more`, {
      where: `scheduler.${name}`,
    });
  }
  return settings;
}
