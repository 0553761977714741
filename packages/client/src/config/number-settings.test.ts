import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from './load-settings.js';
import { environmentOf, type SettingName, settingNames, settingOf } from './settings.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-numbers-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const NUMBERS = ['duration', 'positiveDuration', 'memory', 'engines', 'lanes', 'port'];
const names = settingNames().filter((name) => NUMBERS.includes(settingOf(name).type));

const ABSURD = [
  '-1',
  '-1s',
  '0.5',
  'NaN',
  'Infinity',
  '1e300',
  '600h',
  '0%',
  '101%',
  '1025GiB'.replace('GiB', 'TiB'),
  '0.5KiB',
  '9'.repeat(400),
  `${'9'.repeat(400)}h`,
  `${'9'.repeat(400)}GiB`,
  `${'9'.repeat(400)}%`,
];

const load = (name: SettingName, value: string): Promise<unknown> =>
  loadSettings({ flags: {}, cwd: root, env: { [environmentOf(name)]: value } });

describe('every setting that is a number', () => {
  it('is among those that are tested', () => expect(names).toHaveLength(11));

  it.each(names)('%s is refused beyond its bounds, with both of them', async (name) => {
    for (const value of ABSURD) {
      await expect(load(name, value), `${name}: ${value.slice(0, 20)}`).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/expected .*\d.* to "?\d.*found/s),
      });
    }
  });

  it('reads times without noise of floats', async () => {
    await load('scheduler.interval', '1.1m');
    await expect(load('scheduler.interval', '0ms')).rejects.toThrow('"1ms" to "576h"');
    await load('worker.grace', '0s');
  });
});
