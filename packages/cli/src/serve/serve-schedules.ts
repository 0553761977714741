import { newIdentity } from '@shardmill/client/identity';
import { LocalSchedules } from '@shardmill/client/local-schedules';
import type { Services } from '@shardmill/client/services';
import { parseDurationMs } from '@shardmill/core';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { openLog } from './log.js';
import { untilStopped } from './until-stopped.js';

/**
 * Runs what is due of all schedules in this process until it is stopped: one machine, no Redis.
 * @throws CONFIG_INVALID
 */
export async function serveSchedules(
  terminal: Terminal,
  { settings, stores, localRun }: Pick<Services, 'settings' | 'stores' | 'localRun'>,
): Promise<Result> {
  const { id } = newIdentity();
  const log = openLog(settings, terminal, { process: 'schedules', id });
  stores.onWaiting = (message) => log.warn({}, message);
  const state = settings.get('state.uri');
  const intervalMs = parseDurationMs(settings.get('scheduler.interval'));
  const schedules = new LocalSchedules({ stores, state, localRun, id, log, intervalMs });
  log.info({ state }, 'the schedules of this machine begin');
  schedules.start();
  try {
    await untilStopped(new Promise<string>(() => {}), async (reason) => {
      log.info({ reason }, 'the schedules stop: a run that goes on is continued by the next start');
    });
  } finally {
    await schedules.close();
  }
  return { text: () => '' };
}
