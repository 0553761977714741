import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConfigDefinition } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { cacheFolder, redisOptions, storageOptions } from './connection-options.js';
import { writeDevFile } from './dev-file.js';
import { loadSettings, originText, type Settings, type SettingSources } from './load-settings.js';
import { environmentOf, type SettingName, settingNames } from './settings.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-config-'));
  await mkdir(path.join(root, '.git'));
  await mkdir(path.join(root, 'deep/er'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const load = (sources: Partial<SettingSources> = {}): Promise<Settings> =>
  loadSettings({ cwd: root, env: {}, flags: {}, ...sources });

async function configure(content: unknown, name = 'shardmill.config.json'): Promise<string> {
  const file = path.join(root, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const originOf = (settings: Settings, name: SettingName): string | undefined => {
  const entry = settings.entries().find((candidate) => candidate.name === name);
  return entry && originText(entry.origin);
};

describe('precedence', () => {
  it('is flag, environment, file, running dev, default', async () => {
    const url = async (sources: Partial<SettingSources>): Promise<string[]> => {
      const settings = await load(sources);
      return [settings.get('redis.url'), originOf(settings, 'redis.url') ?? ''];
    };
    const env = { SHARDMILL_REDIS_URL: 'redis://env' };
    expect(await url({})).toEqual(['redis://127.0.0.1:6379', 'default']);
    await writeDevFile(root, { pid: process.pid, redis: 'redis://dev', state: '/dev-state' });
    expect(await url({})).toEqual(['redis://dev', 'shardmill dev']);
    const file = await configure({ redis: { url: 'redis://file' } });
    expect(await url({})).toEqual(['redis://file', file]);
    expect(await url({ env })).toEqual(['redis://env', 'SHARDMILL_REDIS_URL']);
    expect(await url({ env, flags: { 'redis.url': 'redis://flag' } })).toEqual([
      'redis://flag',
      '--redis',
    ]);
  });

  it('takes no address of a dev that has ended', async () => {
    // Process ids end at 4194304 on Linux.
    await writeDevFile(root, { pid: 99_999_999, redis: 'redis://dev', state: '/dev-state' });
    expect((await load()).get('redis.url')).toBe('redis://127.0.0.1:6379');
  });

  it('takes an empty variable for one that is not set', async () => {
    expect((await load({ env: { SHARDMILL_WORKER_POOL: '' } })).get('worker.pool')).toBe('cpu');
  });

  it("reads AWS' own variables after the file", async () => {
    const env = { AWS_ENDPOINT_URL_S3: 'http://aws', AWS_REGION: 'eu-west-1' };
    await configure({ s3: { region: 'me-central-1' } });
    const settings = await load({ env });
    expect(settings.get('s3.endpoint')).toBe('http://aws');
    expect(settings.get('s3.region')).toBe('me-central-1');
  });
});

describe('the file', () => {
  it('is the nearest one at or above the working directory', async () => {
    await configure({ worker: { pool: 'far' } });
    const cwd = path.join(root, 'deep/er');
    expect((await load({ cwd })).get('worker.pool')).toBe('far');
    await configure({ worker: { pool: 'near' } }, 'deep/shardmill.config.json');
    const settings = await load({ cwd });
    expect(settings.get('worker.pool')).toBe('near');
    expect(settings.get('state.uri')).toBe(path.join(root, 'deep/.shardmill/state'));
  });

  it('is not looked for above the root of the project', async () => {
    await configure({ worker: { pool: 'outside' } });
    await mkdir(path.join(root, 'deep/.git'));
    const settings = await load({ cwd: path.join(root, 'deep/er') });
    expect(settings.get('worker.pool')).toBe('cpu');
  });

  it.each([
    ['shardmill.config.ts', "export default { worker: { lanes: 3 as number, pool: 'typed' } };"],
    [
      'shardmill.config.mts',
      "import { defineConfig } from 'shardmill'; export default defineConfig({ worker: { lanes: 3, pool: 'typed' } });",
    ],
    ['shardmill.config.mjs', "export default { worker: { lanes: 3, pool: 'typed' } };"],
    ['shardmill.config.yaml', 'worker:\n  lanes: 3\n  pool: typed\nredis:\n'],
    ['shardmill.config.json', '{ "worker": { "lanes": 3, "pool": "typed" } }'],
  ])('can be %s', async (name, content) => {
    await configure(content, name);
    const settings = await load();
    expect([settings.get('worker.lanes'), settings.get('worker.pool')]).toEqual([3, 'typed']);
  });

  it('takes every setting', async () => {
    const values: Record<string, unknown> = {};
    const samples: Partial<Record<SettingName, unknown>> = {
      'redis.url': 'rediss://x',
      'redis.cluster': ['a:1', 'b:2'],
      'redis.sentinel.nodes': ['a:1'],
      's3.endpoint': 'http://x',
      's3.pathStyle': false,
      's3.encryption': 'aws:kms',
      's3.conditionalWrites': 'unchecked',
      's3.requestTimeout': '1s',
      's3.retryFor': '1s',
      'worker.engines': 2,
      'worker.lanes': 2,
      'worker.memoryLimit': '2GiB',
      'worker.grace': '1s',
      'worker.notices': ['aws', 'gcp'],
      'worker.statusPort': 'none',
      'plan.timeout': '1m',
      'plan.memoryLimit': '1GiB',
      'scheduler.interval': '1s',
      'scheduler.statusPort': 0,
      'engine.environment': ['A', 'B_2'],
      'allow.inputs': ['/a', 'eu-*=s3://eu/'],
      'allow.models': ['s3://'],
      'allow.outputs': ['/a'],
      'allow.transforms': ['/a', '/b'],
      'allow.notify': ['hooks.slack.com', 'eu-*=*.example.com'],
      'notify.receivers': [{ urlEnv: 'NOTIFY_HOOK', on: ['finished'] }],
      'models.requireSha256': true,
      'lineage.url': 'https://x',
      'lineage.disabled': true,
      'price.workerHour': { cpu: 0.4 },
      'log.level': 'debug',
      'log.format': 'json',
    };
    for (const name of settingNames()) {
      const keys = name.split('.');
      let group = values;
      for (const key of keys.slice(0, -1)) group = child(group, key);
      group[keys.at(-1) ?? ''] = samples[name] ?? 'x';
    }
    const file = await configure(values);
    const settings = await load();
    for (const name of settingNames()) expect(originOf(settings, name)).toBe(file);
    expect(settings.get('worker.notices')).toEqual(['aws', 'gcp']);
    expect(settings.get('redis.tls.ca')).toBe(path.join(root, 'x'));
    expect(settings.get('allow.inputs')).toEqual(['/a', 'eu-*=s3://eu']);
    expect(settings.get('allow.models')).toEqual(['s3://']);
    expect(settings.get('notify.receivers')).toEqual([
      { urlEnv: 'NOTIFY_HOOK', on: ['finished'], format: 'json' },
    ]);
  });

  it.each(['planted:5000', 'ftp://planted', 'file://planted/x', 'file:///', 'file:///planted/'])(
    'refuses the lineage address %s, without what it is',
    async (url) => {
      const error = await load({ env: { OPENLINEAGE_URL: url } }).then(String, String);
      expect(error).toContain(
        'lineage.url (OPENLINEAGE_URL): expected http://HOST:PORT, https://HOST or file:///FOLDER/EVENTS.ndjson',
      );
      expect(error).not.toContain('planted');
    },
  );

  it.each([
    [{ receivers: [{ url: 'planted' }] }, 'expected an address that begins with http://'],
    [{ receivers: { url: 'https://planted.example' } }, 'expected a list of receivers'],
    [{ receivers: '[{"url":"https://planted.example"' }, 'in a variable as JSON'],
    [{ receivers: [{ url: 'https://a.b', secretEnv: 'planted' }] }, 'begins with NOTIFY_'],
  ])('refuses receivers that are wrong, without what they are: %o', async (notify, message) => {
    await configure({ notify });
    const error = await load().then(String, String);
    expect(error).toContain(message);
    expect(error).not.toContain('planted');
  });

  it.each(['https://hooks.slack.com', 'hooks.slack.com:443', '*', 'a.*.example'])(
    'refuses %s as a host for notifications',
    async (host) => {
      await configure({ allow: { notify: [host] } });
      await expect(load()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('expected names of hosts such as hooks.example.com'),
      });
    },
  );

  it.each([
    [0.4, { '*': 0.4 }],
    ['0.4', { '*': 0.4 }],
    [
      { cpu: 0.4, gpu: 3 },
      { cpu: 0.4, gpu: 3 },
    ],
    ['cpu=0.4, gpu=3', { cpu: 0.4, gpu: 3 }],
  ])('takes prices as %o', async (workerHour, prices) => {
    const config = typeof workerHour === 'string' ? undefined : { price: { workerHour } };
    if (config !== undefined) await configure(config);
    const settings = await load(
      typeof workerHour === 'string' ? { env: { SHARDMILL_PRICE_WORKER_HOUR: workerHour } } : {},
    );
    expect(settings.get('price.workerHour')).toEqual(prices);
  });

  it.each([
    0,
    -1,
    'free',
    '0.4,3',
    'cpu=',
    { cpu: '0.4' },
    { 'A B': 1 },
    { cpu: 2_000_000 },
    ['1'],
  ])('refuses %o as a price', async (workerHour) => {
    await configure({ price: { workerHour } });
    await expect(load()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('price.workerHour'),
    });
  });

  it('has the form that defineConfig checks', () => {
    type Paths<T> = {
      [K in keyof T & string]-?: NonNullable<T[K]> extends
        | string
        | number
        | boolean
        | readonly unknown[]
        | Readonly<Record<string, number>>
        ? K
        : `${K}.${Paths<NonNullable<T[K]>>}`;
    }[keyof T & string];
    expectTypeOf<Paths<ConfigDefinition>>().toEqualTypeOf<SettingName>();
  });

  it.each([
    [{ redis: { ulr: 'x' } }, 'unknown key "redis.ulr". Did you mean "url"?'],
    [{ rediss: {} }, 'unknown key "rediss". Did you mean "redis"'],
    [{ worker: { notice: [] } }, 'unknown key "worker.notice". Did you mean "notices"?'],
    [{ state: 's3://x' }, 'state: expected settings by name; found "s3://x"'],
    [{ worker: { lanes: 0 } }, 'worker.lanes'],
    [{ s3: { pathStyle: 'perhaps' } }, 'expected true or false; found "perhaps"'],
    [
      { worker: { grace: '25' } },
      'expected a time from "0ms" to "576h", such as "15m"; found "25"',
    ],
    [[1], 'the configuration: expected settings by name; found [1]'],
  ])('%j is refused: %s', async (content, message) => {
    await configure(content);
    await expect(load()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message),
    });
  });

  it('that cannot be read says where', async () => {
    const file = await configure('export default {', 'shardmill.config.ts');
    await expect(load()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      where: expect.stringContaining(file),
    });
    await configure('{}');
    await expect(load()).rejects.toMatchObject({
      message: expect.stringContaining('two configuration files'),
    });
    await expect(load({ configFile: 'gone.ts' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      where: path.join(root, 'gone.ts'),
    });
  });
});

describe('values', () => {
  it('are reported with all faults at once, and without secrets', async () => {
    const env = {
      SHARDMILL_REDIS_URL: 'http://user:secret@host',
      SHARDMILL_WORKER_LANES: 'two',
    };
    const error = await load({ env }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /redis\.url \(SHARDMILL_REDIS_URL\).*\nworker\.lanes \(SHARDMILL_WORKER_LANES\): expected a whole number from 1 to 1024; found "two"/,
      ),
    });
    expect(String(error)).not.toContain('secret');
  });

  it('of the environment are text in the same forms', async () => {
    const settings = await load({
      env: {
        SHARDMILL_WORKER_NOTICES: 'aws, azure',
        SHARDMILL_WORKER_STATUS_PORT: '0',
        SHARDMILL_WORKER_MEMORY_LIMIT: '60%',
        SHARDMILL_S3_PATH_STYLE: 'true',
        SHARDMILL_REDIS_CLUSTER: 'a:1,b:2',
      },
    });
    expect(settings.get('worker.notices')).toEqual(['aws', 'azure']);
    expect(settings.get('worker.statusPort')).toBe(0);
    expect(settings.get('worker.memoryLimit')).toBe('60%');
    expect(settings.get('s3.pathStyle')).toBe(true);
    expect(settings.get('redis.cluster')).toEqual(['a:1', 'b:2']);
  });

  it('with a path start at the file, or at the working directory', async () => {
    await configure({ state: { uri: 'kept' }, cache: { folder: '~/mine' } });
    const cwd = path.join(root, 'deep');
    const env = { HOME: '/home/ann' };
    expect((await load({ cwd, env })).get('state.uri')).toBe(path.join(root, 'kept'));
    expect((await load({ cwd, env })).get('cache.folder')).toBe('/home/ann/mine');
    const flags = { 'state.uri': 'here' };
    expect((await load({ cwd, flags })).get('state.uri')).toBe(path.join(cwd, 'here'));
    const variable = { SHARDMILL_STATE_URI: 'there' };
    expect((await load({ cwd, env: variable })).get('state.uri')).toBe(path.join(cwd, 'there'));
    expect((await load({ flags: { 'state.uri': 's3://b/p/' } })).get('state.uri')).toBe('s3://b/p');
  });

  it('have variables that no service of Kubernetes sets', () => {
    const services = settingNames()
      .map(environmentOf)
      .filter((name) => /_(PORT|SERVICE_HOST|SERVICE_PORT)$/.test(name))
      .filter((name) => !name.endsWith('_STATUS_PORT'));
    expect(services).toEqual([]);
  });
});

describe('connections', () => {
  it('of S3 are made from the settings', async () => {
    const env = {
      SHARDMILL_S3_ENDPOINT: 'http://store:9000',
      SHARDMILL_S3_ENCRYPTION: 'aws:kms',
      SHARDMILL_S3_KMS_KEY_ID: 'alias/lake',
      SHARDMILL_S3_RETRY_FOR: '5s',
    };
    expect(storageOptions(await load({ env }))).toEqual({
      s3: {
        endpoint: 'http://store:9000',
        region: undefined,
        pathStyle: undefined,
        encryption: 'aws:kms',
        kmsKeyId: 'alias/lake',
        conditionalWrites: 'required',
        requestTimeoutMs: 30_000,
        retryForMs: 5000,
      },
    });
    const lone = await load({ env: { SHARDMILL_S3_KMS_KEY_ID: 'x' } });
    expect(() => storageOptions(lone)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('of Redis leave the default address out where nodes are named', async () => {
    expect(redisOptions(await load()).url).toBe('redis://127.0.0.1:6379');
    const cluster = redisOptions(await load({ env: { SHARDMILL_REDIS_CLUSTER: 'a:1' } }));
    expect(cluster).toMatchObject({ url: undefined, cluster: ['a:1'], prefix: '{shardmill}' });
    const sentinel = redisOptions(
      await load({
        env: { SHARDMILL_REDIS_SENTINEL_NAME: 'main', SHARDMILL_REDIS_SENTINEL_NODES: 'a:1,b:1' },
      }),
    );
    expect(sentinel.sentinel).toEqual({ name: 'main', nodes: ['a:1', 'b:1'] });
    const half = await load({ env: { SHARDMILL_REDIS_SENTINEL_NAME: 'main' } });
    expect(() => redisOptions(half)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('keep models in the cache folder of the user', async () => {
    const settings = await load();
    expect(cacheFolder(settings, { XDG_CACHE_HOME: '/caches' })).toBe('/caches/shardmill');
  });
});

function child(group: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = group[key];
  if (isGroup(found)) return found;
  const made: Record<string, unknown> = {};
  group[key] = made;
  return made;
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
