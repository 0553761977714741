import { connect } from 'node:net';
import { Counter, Registry } from 'prom-client';
import { afterEach, expect, it, vi } from 'vitest';
import { StatusServer } from './status-server.js';

const servers: StatusServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

let problems: readonly string[] = [];

async function open(port = 0, token?: string): Promise<StatusServer> {
  const metrics = new Registry();
  new Counter({ name: 'rows_total', help: 'rows', registers: [metrics] }).inc(7);
  const ready = () => ({ ready: problems.length === 0, problems });
  const server = await StatusServer.open({ port, token }, { metrics, ready });
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

it.each(['//', '///', '*', 'http://[', '/%zz'])('answers 404 to the path %s', async (target) => {
  const { port } = await open();
  expect(
    await askRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
  ).toContain('HTTP/1.1 404');
});

it('listens on this machine alone where no address is given', async () => {
  const { port } = await open();
  // Another address of this machine.
  await expect(fetch(`http://127.0.0.2:${port}/healthz`)).rejects.toThrow();
});

it('shows metrics only with the token, where there is one', async () => {
  const server = await open(0, 'the-token');
  const statusOf = async (authorization: string): Promise<number> => {
    const url = `http://127.0.0.1:${server.port}/metrics`;
    return (await fetch(url, { headers: { authorization } })).status;
  };
  expect(await statusOf('')).toBe(401);
  expect(await statusOf('Bearer the-toke')).toBe(401);
  expect(await statusOf('Bearer the-token')).toBe(200);
  expect((await ask(server, '/readyz'))[0]).not.toBe(401);
});

it('closes the oldest connection where there are too many', async () => {
  const { port } = await open();
  const held = Array.from({ length: 70 }, () => connect(port, '127.0.0.1').resume());
  await vi.waitFor(() => expect(held.filter(({ closed }) => closed)).toHaveLength(6));
  expect(held.slice(0, 6).every(({ closed }) => closed)).toBe(true);
  for (const socket of held) socket.destroy();
});

/** What the server answers to these bytes. */
function askRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.once('close', () => resolve(answer));
  });
}

it('refuses a port that is taken, and says what to do', async () => {
  const first = await open();
  await expect(open(first.port)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(String(first.port)),
    remedy: expect.stringContaining('--port 0'),
  });
});
