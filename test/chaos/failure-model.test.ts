import { access, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { inRepository, readRepository } from '../support/repository.js';

test('docs/failure-model.md names tests that exist, and every test of faults', async () => {
  const text = await readRepository('docs', 'failure-model.md');
  const named = new Set(text.match(/\b(test|packages)\/[\w/.-]+\.test\.ts\b/g));
  for (const file of named) await expect(access(inRepository(file)), file).resolves.toBeUndefined();
  const here = (await readdir(inRepository('test', 'chaos')))
    .filter((name) => name.endsWith('.test.ts') && name !== 'failure-model.test.ts')
    .map((name) => `test/chaos/${name}`);
  expect(here.filter((file) => !named.has(file))).toEqual([]);
});
