import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import type { JobDefinition } from '@shardmill/core';
import { linearWithWeightsIn } from '@shardmill/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusalOf } from '../support/command.js';
import { useAttackField } from './attack.js';

// A job names what is no data at all: devices, pipes, other people's files. See docs/security.md.

const field = useAttackField();
const { place } = field;

const SECRET = 'root:$6$rounds=5000$NmFtZQ$:19000:0:99999:7:::\n';
/** Its SHA-256 and its first bytes, as they might be shown. */
const TELLTALE = /NmFtZQ|726f6f74|root:|f9c0210ecf|\$6\$/;

beforeAll(async () => {
  await place.write('shadow', SECRET);
  execFileSync('mkfifo', [place.path('pipe'), place.path('pipe.mjs'), place.path('pipe.json')]);
  await mkdir(place.path('links'));
  await symlink('/dev/zero', place.path('links', 'zero'));
  for (const [name, location] of Object.entries(WEIGHTS)) {
    await writeFile(place.path(`links/${name}.onnx`), linearWithWeightsIn(location));
  }
  await symlink('../shadow', place.path('links', 'linked'));
  await field.good();
});

/** Where models say that their weights are. */
const WEIGHTS = {
  above: '../shadow',
  absolute: '/etc/passwd',
  device: '/dev/zero',
  link: 'linked',
  endless: 'zero',
};

const pin = { sha256: '0'.repeat(64) };
const JOBS: readonly (readonly [string, Partial<JobDefinition>, string])[] = [
  ['a device as model', { model: { uri: '/dev/zero' } }, 'MODEL_INVALID'],
  ['a link to a device as model', { model: { uri: 'links/zero' } }, 'MODEL_INVALID'],
  ['a pipe as model', { model: { uri: 'pipe' } }, 'MODEL_INVALID'],
  ['a folder as model', { model: { uri: 'links' } }, 'MODEL_INVALID'],
  ['a secret as model', { model: { uri: 'shadow' } }, 'MODEL_INVALID'],
  ['a secret as model that is pinned', { model: { uri: 'shadow', ...pin } }, 'MODEL_INVALID'],
  ["a process's environment as model", { model: { uri: '/proc/self/environ' } }, 'MODEL_INVALID'],
  ['weights above the model', { model: { uri: 'links/above.onnx' } }, 'MODEL_INVALID'],
  ['weights by an absolute path', { model: { uri: 'links/absolute.onnx' } }, 'MODEL_INVALID'],
  ['a device as weights', { model: { uri: 'links/device.onnx' } }, 'MODEL_INVALID'],
  ['a link to a secret as weights', { model: { uri: 'links/link.onnx' } }, 'MODEL_INVALID'],
  ['a link to a device as weights', { model: { uri: 'links/endless.onnx' } }, 'MODEL_INVALID'],
  ['a device as input', { input: { uri: '/dev/zero' } }, 'INPUT_UNREADABLE'],
  ['a pipe as input', { input: { uri: 'pipe' } }, 'INPUT_UNREADABLE'],
  ['a secret as input', { input: { uri: 'shadow' } }, 'INPUT_NOT_PARQUET'],
  ["a process's memory as input", { input: { uri: '/proc/self/mem' } }, 'INPUT_NOT_PARQUET'],
  [
    'a device as transform',
    { transform: { columns: ['a'], module: '/dev/zero' } },
    'TRANSFORM_INVALID',
  ],
  [
    'a pipe as transform',
    { transform: { columns: ['a'], module: 'pipe.mjs' } },
    'TRANSFORM_INVALID',
  ],
];

describe('a run ends at once, and says nothing of what is there, with', () => {
  test.each(JOBS)('%s', async (_name, change, code) => {
    const { end, said } = await field.attack(change);
    expect(end).toBe(code);
    expect(said).not.toMatch(TELLTALE);
  });

  test('a secret as model, in all that the program prints', async () => {
    await place.writeJob({ model: { uri: 'shadow', ...pin } });
    const ended = await place.shardmill('run', 'job.json', '--json');
    expect(refusalOf(ended).code).toBe('MODEL_INVALID');
    expect(ended.stdout + ended.stderr).not.toMatch(TELLTALE);
    await place.writeJob({});
  });

  test('a pipe as definition', async () => {
    for (const name of ['./pipe.json', './pipe.mjs']) {
      expect(refusalOf(await place.shardmill('run', name, '--json')).code).toBe('JOB_NOT_FOUND');
      const configured = await place.shardmill('config', '--json', '--config', name);
      expect(refusalOf(configured).code).toBe('CONFIG_INVALID');
    }
  });
});
