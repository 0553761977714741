import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePorts, type RedisServer, startRedisServer } from '@shardmill/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FleetRedis } from './fleet-redis.js';
import type { RedisOptions } from './connection/redis-options.js';
import { ManualWork, shardMessages } from './testing/fleet.js';

const run = promisify(execFile);

/** What docs/operations.md gives as the rights that a user of the fleet needs. */
const RIGHTS =
  '~{shardmill}* &{shardmill}* +@read +@write +@connection +@transaction +@scripting +@pubsub +@blocking +info +cluster|slots +cluster|info +cluster|keyslot +config|get';

let folder: string;
let server: RedisServer;
let url: string;

const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-tls-'));
  await makeCertificates();
  await writeFile(file('users.acl'), `user default off\nuser fleet on >fleet-secret ${RIGHTS}\n`);
  const [port = 0] = await freePorts(1);
  server = await startRedisServer({
    args: Object.entries({
      'tls-port': String(port),
      'tls-auth-clients': 'yes',
      'tls-ca-cert-file': file('ca.pem'),
      'tls-cert-file': file('server.pem'),
      'tls-key-file': file('server.key'),
      aclfile: file('users.acl'),
    }).flatMap(([name, value]) => [`--${name}`, value]),
  });
  url = `rediss://127.0.0.1:${port}`;
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function makeCertificates(): Promise<void> {
  const key = (name: string): string[] => [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    file(`${name}.key`),
  ];
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  await openssl(
    'req',
    '-x509',
    ...key('ca'),
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test CA',
    '-days',
    '1',
  );
  await writeFile(file('names.txt'), 'subjectAltName=IP:127.0.0.1\n');
  for (const name of ['server', 'client']) {
    await openssl('req', '-new', ...key(name), '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1'];
    const names = ['-extfile', 'names.txt'];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...signer, ...names, '-out', `${name}.pem`);
  }
}

const options = (change: Partial<RedisOptions> = {}): RedisOptions => ({
  url,
  username: 'fleet',
  password: 'fleet-secret',
  tls: { ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') },
  ...change,
});

async function refusal(change: Partial<RedisOptions>): Promise<unknown> {
  const redis = await FleetRedis.open(options(change));
  try {
    return await redis.presence().list();
  } catch (error) {
    return error;
  } finally {
    await redis.close();
  }
}

describe('Redis behind TLS, with users', () => {
  it('is all there for a user with the rights of the fleet', async () => {
    const redis = await FleetRedis.open(options());
    const queue = redis.shardQueue('cpu');
    await queue.add(shardMessages(2), 50);
    const work = ManualWork.on(redis.shardConsumer('cpu', { concurrency: 2, stalledCheckMs: 50 }));
    const [first, second] = [await work.taken(1), await work.taken(2)];
    work.answer(first, { kind: 'settled' });
    work.answer(second, { kind: 'again', delayMs: 10, failed: [] });
    work.answer(await work.taken(3), { kind: 'handed-back' });
    work.answer(await work.taken(4), { kind: 'settled' });
    await expect.poll(() => queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
    const received: string[] = [];
    const events = redis.events();
    events.subscribe(({ run: id }) => received.push(id));
    await expect
      .poll(() => {
        events.publish({ kind: 'run-changed', run: 'r1' });
        return received.length;
      })
      .toBeGreaterThan(0);
    expect((await redis.check()).problems.map(({ severity }) => severity)).not.toContain(
      'unsuitable',
    );
    await redis.close();
  });

  it('refuses a wrong password, and says so without showing it', async () => {
    const error = await refusal({ password: 'wrong-secret' });
    expect(error).toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringMatching(/refused the user.*WRONGPASS/),
      remedy: expect.stringContaining('Check user and password'),
    });
    expect(String(error)).not.toContain('wrong-secret');
  });

  it('is not connected to where its certificate is signed by no known authority', async () => {
    expect(
      await refusal({ tls: { cert: file('client.pem'), key: file('client.key') } }),
    ).toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringContaining('no secure connection'),
    });
  });

  it('says that a port speaks TLS to who comes without it', async () => {
    const plainUrl = url.replace('rediss:', 'redis:');
    expect(await refusal({ url: plainUrl, tls: undefined })).toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringContaining('the address is redis://, but the port speaks TLS'),
      remedy: expect.stringContaining('rediss://'),
    });
  });

  it('says that a port speaks no TLS to who comes with it', async () => {
    const plain = await startRedisServer({ args: ['--requirepass', 'secret'] });
    try {
      const secureUrl = plain.url.replace('redis:', 'rediss:');
      expect(await refusal({ url: secureUrl, tls: undefined })).toMatchObject({
        code: 'REDIS_UNREACHABLE',
        message: expect.stringContaining('rediss://, but the port speaks Redis without TLS'),
        remedy: expect.stringContaining('redis://'),
      });
    } finally {
      await plain.close();
    }
  });

  it('refuses who comes without a certificate', async () => {
    expect(await refusal({ tls: { ca: file('ca.pem') } })).toMatchObject({
      code: 'REDIS_UNREACHABLE',
    });
  });

  it.each([
    ['a file that is not there', { tls: { ca: '/nowhere/ca.pem' } }, 'redis.tls.ca'],
    ['a certificate without its key', { tls: { cert: 'client.pem' } }, 'redis.tls.key'],
  ])('is not looked for with %s', async (_, change, where) => {
    await expect(FleetRedis.open(options(change))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      where,
    });
  });
});
