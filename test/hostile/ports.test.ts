import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '@shardmill/test-kit';
import { describe, expect, test } from 'vitest';
import { type RunningCommand, runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { residentMiB } from '../support/processes.js';
import { drawNoise, makeNoise } from './http-noise.js';

const place = useWorkplace();
const fleet = useFleet(place);

const SEED = 20_261_125;
const REQUESTS = 10_000;
const AT_ONCE = 50;
/** What the process may grow by; answers and headers of all connections are far below it. */
const MAX_GROWTH_MIB = 150;

/** Waits until the process says where it listens. */
async function portOf(started: RunningCommand): Promise<number> {
  const said = (): string | undefined => /"port":(\d+)/.exec(started.stderr)?.[1];
  await waitFor('the status port', () => said() !== undefined, started);
  return Number(said());
}

async function healthOf(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, {
    signal: AbortSignal.timeout(3000),
  });
  await answer.text();
  return answer.status;
}

function send(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.once('close', () => resolve(answer));
  });
}

describe.each(['worker', 'scheduler'] as const)('the status port of a %s', (role) => {
  const start = (...args: string[]): RunningCommand =>
    fleet[role]('--port', '0', '--log-format', 'json', ...args);

  test('answers after a request whose path is no URL', async () => {
    const port = await portOf(start());
    const answer = await send(port, 'GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(answer).toContain('HTTP/1.1 404');
    expect(await healthOf(port)).toBe(200);
  });

  test(`survives ${REQUESTS} malformed, slow and large requests, in bounded memory`, async () => {
    await place.prepare({ rows: 5000 });
    await place.writeJob({ plan: { partRows: 2048, shardParts: 1 } });
    const started = start();
    if (role === 'worker') fleet.scheduler('--interval', '200ms');
    else fleet.worker();
    const port = await portOf(started);
    const beside = place.shardmill('submit', 'job.json', '--wait', '--json');
    const random = createRandom(SEED);
    let left = REQUESTS;
    const before = await residentMiB(started.pid);
    const client = async (): Promise<void> => {
      while (left-- > 0)
        await makeNoise(
          port,
          drawNoise(() => random.uniform()),
          30,
        );
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    expect(await healthOf(port)).toBe(200);
    expect(started.over).toBe(false);
    expect((await residentMiB(started.pid)) - before).toBeLessThan(MAX_GROWTH_MIB);
    // What the process is there for went on beside it.
    expect(runOf(await beside).rows.scored).toBe(5000);
  });
});

describe('the status port', () => {
  const start = (...args: string[]): RunningCommand =>
    fleet.scheduler('--port', '0', '--log-format', 'json', ...args);

  test('answers probes while clients hold hundreds of connections open', async () => {
    const port = await portOf(start());
    const held: Socket[] = Array.from({ length: 300 }, () => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /metrics HTTP/1.1\r\nX: '));
      return socket.on('error', () => {}).resume();
    });
    await sleep(200);
    expect(await healthOf(port)).toBe(200);
    // Nothing of a request that goes on for ever is waited for.
    await waitFor('all of them to be cut off', () => held.every(({ closed }) => closed));
    expect(await healthOf(port)).toBe(200);
  });

  test('cuts a body off that nobody wants', async () => {
    const started = start();
    const port = await portOf(started);
    const before = await residentMiB(started.pid);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write('POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n');
    const chunk = Buffer.alloc(2 ** 20);
    const began = Date.now();
    while (!socket.destroyed && Date.now() - began < 20_000) {
      await new Promise<void>((resolve) => {
        socket.write(chunk, () => resolve());
        socket.once('close', () => resolve());
      });
    }
    expect(socket.destroyed).toBe(true);
    expect((await residentMiB(started.pid)) - before).toBeLessThan(MAX_GROWTH_MIB);
    expect(await healthOf(port)).toBe(200);
  });

  test('listens on this machine alone, unless it is told otherwise', async () => {
    const started = start();
    const open = start('--host', '0.0.0.0');
    // Another address of this machine, which Linux has without being told.
    const elsewhere = async (port: number): Promise<number> =>
      (await fetch(`http://127.0.0.2:${port}/healthz`)).status;
    await expect(elsewhere(await portOf(started))).rejects.toThrow();
    expect(await elsewhere(await portOf(open))).toBe(200);
  });

  test('asks for a token before it shows metrics, and never for probes', async () => {
    const token = 'a-token-of-a-test';
    await fleet.configure({
      redis: { url: fleet.redis.url },
      status: { token },
    });
    const started = start();
    const port = await portOf(started);
    const statusOf = async (header?: string): Promise<number> => {
      const headers = header === undefined ? {} : { authorization: header };
      return (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status;
    };
    expect(await statusOf()).toBe(401);
    expect(await statusOf('Bearer another')).toBe(401);
    expect(await statusOf(`Basic ${token}`)).toBe(401);
    expect(await statusOf(`Bearer ${token}`)).toBe(200);
    expect(await healthOf(port)).toBe(200);
    expect(started.stderr).not.toContain(token);
    expect((await place.shardmill('config')).stdout).not.toContain(token);
  });

  test('speaks HTTPS, and nothing else, with a certificate', async () => {
    const [cert, key] = [place.path('cert.pem'), place.path('key.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '1'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-out', cert, '-keyout', key];
    execFileSync('openssl', [...made, ...subject], { stdio: 'ignore' });
    const port = await portOf(start('--status-tls-cert', cert, '--status-tls-key', key));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = { port, path: '/healthz', rejectUnauthorized: false };
      request({ host: '127.0.0.1', ...options }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    await expect(healthOf(port)).rejects.toThrow();
    const half = start('--status-tls-cert', cert);
    expect((await half.ended).code).toBe(2);
    expect(half.stderr).toContain('CONFIG_INVALID');
  });
});
