import type { Settings } from '@shardmill/client/load-settings';
import type { Logger } from './log.js';
import { StatusServer, type StatusSource } from './status-server.js';

/**
 * The status server of a process, or undefined for `none`. Where the port was not chosen by the
 * user and another process here has it, any free one is taken and told.
 * @throws CONFIG_INVALID where a port that was asked for is taken.
 */
export async function openStatusServer(
  settings: Settings,
  setting: 'worker.statusPort' | 'scheduler.statusPort',
  source: StatusSource,
  log: Logger,
): Promise<StatusServer | undefined> {
  const port = settings.get(setting);
  if (port === 'none') return undefined;
  const server = await StatusServer.open(port, source).catch((error: unknown) => {
    if (settings.isGiven(setting)) throw error;
    log.warn({ port }, 'the port is taken: using another one for /healthz, /readyz and /metrics');
    return StatusServer.open(0, source);
  });
  log.info({ port: server.port }, 'serving /healthz, /readyz and /metrics');
  return server;
}
