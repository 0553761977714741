import { Counter, Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { StatusServer } from './status-server.js';

const servers: StatusServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

let problems: readonly string[] = [];

async function open(port = 0): Promise<StatusServer> {
  const metrics = new Registry();
  new Counter({ name: 'rows_total', help: 'rows', registers: [metrics] }).inc(7);
  const ready = () => ({ ready: problems.length === 0, problems });
  const server = await StatusServer.open({ port }, { metrics, ready });
  servers.push(server);
  return server;
}

async function ask(server: StatusServer, path: string, method = 'GET'): Promise<[number, string]> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return [answer.status, await answer.text()];
}

it('answers whether it lives, whether it can work, and with its metrics', async () => {
  const server = await open();
  expect(await ask(server, '/healthz')).toEqual([200, 'ok\n']);
  problems = [];
  expect(await ask(server, '/readyz')).toEqual([200, 'ready\n']);
  problems = ['Redis does not answer'];
  expect(await ask(server, '/readyz')).toEqual([503, 'not ready\nRedis does not answer\n']);
  const [status, text] = await ask(server, '/metrics');
  expect(status).toBe(200);
  expect(text).toContain('rows_total 7');
  expect((await ask(server, '/nothing'))[0]).toBe(404);
  expect((await ask(server, '/healthz', 'POST'))[0]).toBe(405);
});

it('refuses a port that is taken, and says what to do', async () => {
  const first = await open();
  await expect(open(first.port)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(String(first.port)),
    remedy: expect.stringContaining('--port 0'),
  });
});
