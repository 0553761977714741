import { createServer, type Server } from 'node:http';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadSettings, type Settings } from '@shardmill/client/load-settings';
import { openStatusServer } from './open-status-server.js';
import type { StatusServer } from './status-server.js';

/** The default port of workers, taken by another process: another worker, or this test. */
let other: Server;
const open: StatusServer[] = [];
const logged: string[] = [];
const log = pino({}, { write: (line: string) => logged.push(line) });
const source = { metrics: new Registry(), ready: () => ({ ready: true, problems: [] }) };

beforeEach(async () => {
  other = createServer();
  await new Promise<void>((resolve) => {
    // Where something else has it already, it is taken just as well.
    other.once('error', () => resolve());
    other.listen(9464, resolve);
  });
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
  await new Promise((resolve) => {
    other.close(resolve);
  });
});

const settings = (port?: string): Promise<Settings> =>
  loadSettings({
    cwd: '/',
    env: {},
    flags: port === undefined ? {} : { 'worker.statusPort': port },
  });

async function serve(port?: string): Promise<StatusServer | undefined> {
  const server = await openStatusServer(await settings(port), 'worker.statusPort', source, log);
  if (server !== undefined) open.push(server);
  return server;
}

it('takes any free port where the default is taken, and says so', async () => {
  const server = await serve();
  expect(server?.port).not.toBe(9464);
  expect(logged.join('')).toContain('the port is taken');
  expect(logged.at(-1)).toContain(`"port":${server?.port}`);
});

it('refuses a port that was set and is taken', async () => {
  await expect(serve('9464')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

it('serves nothing for none', async () => {
  expect(await serve('none')).toBeUndefined();
});
