import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { redisCli } from '@shardmill/test-kit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunningCommand } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

// Every secret that a fleet can be given is planted, and looked for in everything that comes out.

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');

const PLANTED = {
  redis: 'planted-redis-password',
  endpoint: 'planted-endpoint-password',
  awsKey: 'planted-aws-secret-key',
  awsToken: 'planted-aws-session-token',
  token: 'planted-status-token',
  notifySecret: 'planted-notify-secret',
  notifyPath: 'planted-notify-path',
};
/** The secrets as they are, as URLs have them, and in base64. */
const FORMS = Object.values(PLANTED).flatMap((secret) => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
]);

/** All that was printed, by what printed it. */
const printed: [string, string][] = [];
const processes: RunningCommand[] = [];

async function run(...args: string[]): Promise<string> {
  const ended = await place.shardmill(...args);
  const text = ended.stdout + ended.stderr;
  printed.push([args.join(' '), text]);
  return text;
}

beforeAll(async () => {
  await fleet.redis.command(
    'ACL',
    'SETUSER',
    'planted',
    'on',
    `>${PLANTED.redis}`,
    '~*',
    '&*',
    '+@all',
  );
  await fleet.configure({ redis: {}, status: { host: '127.0.0.1' } });
  const url = `redis://planted:${PLANTED.redis}@127.0.0.1:${fleet.redis.port}`;
  vi.stubEnv('SHARDMILL_REDIS_URL', url);
  vi.stubEnv('SHARDMILL_STATUS_TOKEN', PLANTED.token);
  vi.stubEnv('SHARDMILL_S3_ENDPOINT', `http://user:${PLANTED.endpoint}@127.0.0.1:1`);
  vi.stubEnv('SHARDMILL_S3_REGION', 'us-east-1');
  vi.stubEnv('SHARDMILL_S3_RETRY_FOR', '200ms');
  vi.stubEnv('SHARDMILL_LOG_LEVEL', 'debug');
  // No server answers there, so that each attempt is logged.
  const hook = `http://127.0.0.1:1/${PLANTED.notifyPath}?key=${PLANTED.notifyPath}`;
  vi.stubEnv('NOTIFY_SECRET', PLANTED.notifySecret);
  vi.stubEnv('NOTIFY_HOOK', hook);
  const receiver = { on: ['finished', 'failed'], secretEnv: 'NOTIFY_SECRET' };
  const receivers = [
    { ...receiver, url: hook },
    { ...receiver, urlEnv: 'NOTIFY_HOOK' },
  ];
  vi.stubEnv('SHARDMILL_NOTIFY_RECEIVERS', JSON.stringify(receivers));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAPLANTED');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', PLANTED.awsKey);
  vi.stubEnv('AWS_SESSION_TOKEN', PLANTED.awsToken);
  await place.prepare({ rows: 1000 });
  processes.push(fleet.scheduler('--interval', '200ms'), fleet.worker());
  await fleet.ready(1, 1);
});
afterAll(() => vi.unstubAllEnvs());

test('no secret is in any output, log, error, stored object or list of processes', async () => {
  await run('config');
  await run('config', '--json');
  await run('doctor', '--uri', 's3://bucket/prefix');
  await run('doctor', '--json');
  await run('workers', '--json');
  const good = await run('submit', 'job.json', '--wait', '--run-key', 'k');
  expect(good).toContain('1,000 read');
  await run('runs', '--all', '--json');
  const [scheduler] = processes;
  await waitFor(
    'a notification to fail',
    () => scheduler?.stderr.includes('NOTIFY_FAILED') ?? false,
  );
  const local = await run('run', 'job.json', '--output', 'local');
  expect(local).toContain('1,000 read');
  expect(local).toContain('NOTIFY_FAILED');
  // Each command would wait for them.
  vi.stubEnv('SHARDMILL_NOTIFY_RECEIVERS', '');
  for (const uri of ['s3://bucket/in', 'missing']) {
    await run('run', 'job.json', '--input', uri, '--output', 'other');
    await run('plan', 'job.json', '--input', uri, '--json');
  }
  expect(await run('run', 'job.json', '--output', 's3://bucket/out', '--json')).toContain('STORE_');
  await run('inspect', 's3://bucket/model.onnx');
  await place.writeJob({ input: { uri: 'missing' } });
  await run('submit', 'job.json', '--wait', '--output', 'other');
  await run('gc', '--dry-run', '--json');
  // Options and variables that are not allowed are quoted.
  for (const [name, value] of [
    ['SHARDMILL_S3_ENDPOINT', `ftp://user:${PLANTED.endpoint}@127.0.0.1`],
    ['SHARDMILL_REDIS_URL', `http://planted:${PLANTED.redis}@127.0.0.1`],
  ] as const) {
    const before = process.env[name];
    vi.stubEnv(name, value);
    expect(await run('config')).toContain('CONFIG_INVALID');
    vi.stubEnv(name, before);
  }
  const arguments_ = await argumentsOfAll();
  // The worker's engine, from the bundle or as it was compiled.
  expect(arguments_).toMatch(/cli\/bundle\/engine\.js|engine\/main\.js/);

  for (const [index, process] of processes.entries()) {
    printed.push([`process ${index}`, process.stdout + process.stderr]);
  }
  const stored = await filesBelow(place.path());
  expect(stored.map(([file]) => file)).toContain(place.path('out', '_SUCCESS'));
  const places: readonly (readonly [string, string])[] = [
    ...printed,
    ...stored,
    ['Redis', await contentOfRedis()],
    ['the list of processes', arguments_],
  ];
  for (const [where, text] of places) {
    for (const form of FORMS) expect(text.includes(form), `${form} in ${where}`).toBe(false);
  }
});

test('a password on the command line is warned of', async () => {
  const flag = ['--redis', `redis://planted:${PLANTED.redis}@127.0.0.1:${fleet.redis.port}`];
  const { stderr } = await place.shardmill('runs', ...flag);
  expect(stderr).toContain('redis.url holds a password');
  expect(stderr).toContain('SHARDMILL_REDIS_URL');
  expect(stderr).not.toContain(PLANTED.redis);
  expect((await place.shardmill('runs', '--redis', 'redis://127.0.0.1:1')).stderr).not.toContain(
    'holds a password',
  );
});

test('and leaves the list of processes as soon as it is read', async () => {
  const url = `redis://planted:${PLANTED.redis}@127.0.0.1:${fleet.redis.port}`;
  const worker = fleet.worker('--redis', url, '--pool', 'titled');
  await waitFor('its warning', () => worker.stderr.includes('holds a password'), worker);
  await waitFor('another title', async () => !(await argumentsOfAll()).includes(PLANTED.redis));
  await waitFor('its shards', () => worker.stderr.includes('taking shards'), worker);
  expect(await argumentsOfAll()).not.toContain(PLANTED.redis);
});

test("dev's Redis has a password, which is never shown", async () => {
  vi.stubEnv('SHARDMILL_REDIS_URL', '');
  const dev = place.start('dev', '--workers', '1');
  const devFile = place.path('.shardmill', 'dev.json');
  try {
    await waitFor('a worker', () => dev.stderr.includes('taking shards'), dev);
    expect((await stat(devFile)).mode & 0o077).toBe(0);
    const { redis } = JSON.parse(await readFile(devFile, 'utf8')) as { redis: string };
    const { password, port } = new URL(redis);
    expect(password.length).toBeGreaterThanOrEqual(32);
    await expect(redisAt(port)).rejects.toThrow('NOAUTH');
    expect(dev.stdout + dev.stderr + (await argumentsOfAll())).not.toContain(password);
  } finally {
    dev.kill('SIGINT');
    await dev.ended;
  }
});

/** Command lines of all processes that this user may see. */
async function argumentsOfAll(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
  );
  return lines.join('\n');
}

async function filesBelow(folder: string): Promise<[string, string][]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async (entry): Promise<[string, string]> => {
      const file = path.join(entry.parentPath, entry.name);
      return [file, await readFile(file, 'latin1')];
    }),
  );
}

const CONTENT = `
  local all = {}
  for _, key in ipairs(redis.call('KEYS', '*')) do
    local kind = redis.call('TYPE', key).ok
    local value = ''
    if kind == 'string' then value = redis.call('GET', key)
    elseif kind == 'hash' then value = table.concat(redis.call('HGETALL', key), ' ')
    elseif kind == 'list' then value = table.concat(redis.call('LRANGE', key, 0, -1), ' ')
    elseif kind == 'set' then value = table.concat(redis.call('SMEMBERS', key), ' ')
    elseif kind == 'zset' then value = table.concat(redis.call('ZRANGE', key, 0, -1), ' ')
    elseif kind == 'stream' then value = cjson.encode(redis.call('XRANGE', key, '-', '+')) end
    table.insert(all, key .. ' ' .. value)
  end
  return all`;

async function contentOfRedis(): Promise<string> {
  const content = await fleet.redis.command('EVAL', CONTENT, '0');
  expect(content).toContain('{shardmill}');
  return content;
}

const redisAt = (port: string): Promise<string> => redisCli(Number(port), ['PING']);
