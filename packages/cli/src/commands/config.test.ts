import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLineHarness, unwrapped } from '../testing/command-line-harness.js';

let harness: CommandLineHarness;
beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

const shardmill = (args: string, env: Record<string, string> = {}) =>
  harness.shardmill(args, undefined, env);

describe('config', () => {
  it('shows every setting, its value, and where that comes from', async () => {
    await writeFile(path.join(harness.root, 'shardmill.config.yaml'), 'worker: { pool: gpu }\n');
    const env = { SHARDMILL_S3_REGION: 'me-central-1' };
    const { stdout, exitCode } = await shardmill('config --redis redis://queue:6379', env);
    expect(exitCode).toBe(0);
    const row = (name: string): string[] =>
      stdout
        .match(new RegExp(`^ {2}${name} .*$`, 'm'))?.[0]
        .trim()
        .split(/ {2,}/) ?? [];
    expect(row('redis.url')).toEqual(['redis.url', '--redis', 'redis://queue:6379']);
    expect(row('s3.region')).toEqual(['s3.region', 'environment', 'me-central-1']);
    expect(row('worker.pool')).toEqual(['worker.pool', 'shardmill.config.yaml', 'gpu']);
    expect(row('s3.retryFor')).toEqual(['s3.retryFor', 'default', '2m']);
    expect(row('redis.cluster')).toEqual(['redis.cluster', 'default', '(no cluster)']);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('shows no password, in text or JSON', async () => {
    const env = {
      SHARDMILL_REDIS_URL: 'redis://ann:hunter2@queue:6379/2',
      SHARDMILL_REDIS_PASSWORD: 'hunter2',
      SHARDMILL_REDIS_SENTINEL_PASSWORD: 'hunter2',
    };
    const text = await shardmill('config', env);
    const json = await shardmill('config --json', env);
    expect(text.stdout).toContain('redis://ann:********@queue:6379/2');
    expect(JSON.parse(json.stdout).settings['redis.password']).toMatchObject({
      value: '********',
      from: 'environment',
      flag: null,
    });
    expect(text.stdout + json.stdout).not.toContain('hunter2');
  });

  it('shows no login of the store', async () => {
    const flags = '--s3-endpoint https://user:sec:r@t@store:9000/path';
    for (const form of ['', ' --json']) {
      const { stdout } = await shardmill(`config ${flags}${form}`);
      expect(unwrapped(stdout)).toContain('https://********@store:9000/path');
      expect(stdout).not.toMatch(/sec:|r@t/);
    }
  });

  it('shows of receivers of notifications their hosts, and no more', async () => {
    const receivers = [
      { url: 'https://hooks.slack.com/services/hunter2?key=hunter2' },
      { urlEnv: 'NOTIFY_HOOK', secretEnv: 'NOTIFY_SECRET' },
    ];
    const env = { SHARDMILL_NOTIFY_RECEIVERS: JSON.stringify(receivers) };
    for (const form of ['', ' --json']) {
      const { stdout } = await shardmill(`config${form}`, env);
      expect(unwrapped(stdout)).toContain('https://hooks.slack.com/********');
      expect(stdout).toContain('NOTIFY_HOOK');
      expect(stdout).not.toContain('hunter2');
    }
  });

  it('names a variable that looks like one of ours and is none', async () => {
    const env = { SHARDMILL_REDIS_ULR: 'redis://x', SHARDMILL_WORKER_PORT: 'tcp://10.0.0.1:9464' };
    const { stdout } = await shardmill('config', env);
    expect(stdout).toContain('SHARDMILL_REDIS_ULR is set and means nothing. Did you mean');
    // Kubernetes sets these.
    expect(stdout).not.toContain('SHARDMILL_WORKER_PORT');
  });

  it('a wrong value ends any command with 2, before anything is done', async () => {
    const { exitCode, stderr } = await shardmill('run churn --s3-retry-for soon');
    expect(exitCode).toBe(2);
    expect(unwrapped(stderr)).toContain(
      's3.retryFor (--s3-retry-for): expected a time from "0ms" to "576h", such as "15m"; found "soon"',
    );
    expect(harness.calls).toEqual([]);
  });
});

it('help of a command shows the flags that most people need, config --help those of all', async () => {
  const submit = (await shardmill('submit --help')).stdout;
  expect(submit).toContain('--redis <url>');
  expect(submit).not.toContain('--redis-sentinel-name');
  const config = (await shardmill('config --help')).stdout;
  expect(config).toContain('--redis-sentinel-name');
  expect(config).toContain('SHARDMILL_REDIS_SENTINEL_NAME');
  expect((await shardmill('worker --help')).stdout).toContain('--notices <clouds>');
});
