import { expect, it } from 'vitest';
import { lineageOptions } from './lineage-options.js';
import { loadSettings } from './load-settings.js';

const optionsFor = async (env: Record<string, string>) =>
  lineageOptions(await loadSettings({ cwd: '/', env, flags: {} }));

it('the variables that are usual for OpenLineage are taken', async () => {
  const options = await optionsFor({
    OPENLINEAGE_URL: 'https://marquez.internal:5000/base/?code=k',
    OPENLINEAGE_ENDPOINT: '/lineage',
    OPENLINEAGE_API_KEY: 'key',
    OPENLINEAGE_NAMESPACE: 'prod',
  });
  expect(options).toMatchObject({ target: { apiKey: 'key' }, namespace: 'prod' });
  expect(options?.target.url.href).toBe('https://marquez.internal:5000/base/lineage?code=k');
});

it.each([
  ['http://localhost:5000', 'http://localhost:5000/api/v1/lineage'],
  ['file:///var/log/lineage.ndjson', 'file:///var/log/lineage.ndjson'],
])('%s leads to %s', async (url, target) => {
  const options = await optionsFor({ SHARDMILL_LINEAGE_URL: url });
  expect(options?.target.url.href).toBe(target);
  expect(options?.namespace).toBe('default');
});

it('without an address, or where it is disabled, there are no events', async () => {
  expect(await optionsFor({ OPENLINEAGE_NAMESPACE: 'prod' })).toBeUndefined();
  for (const OPENLINEAGE_DISABLED of ['true', 'True']) {
    expect(await optionsFor({ OPENLINEAGE_URL: 'http://x', OPENLINEAGE_DISABLED })).toBeUndefined();
  }
  const OPENLINEAGE_DISABLED = 'False';
  expect(await optionsFor({ OPENLINEAGE_URL: 'http://x', OPENLINEAGE_DISABLED })).toBeDefined();
});
