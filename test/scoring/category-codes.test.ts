import { beforeEach, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { echoModel } from '../support/echo-model.js';
import { readRepository } from '../support/repository.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** The expressions of the recipe in the documents, which these tests are about. */
async function recipes(): Promise<string[]> {
  const text = await readRepository('docs/job-definition.md');
  const [, section = ''] = /### Codes of categories\n(.*?)\n## /s.exec(text) ?? [];
  const found = [...section.matchAll(/features: \{ contract: "(.*)" \}/g)];
  return found.map(([, sql = '']) => sql);
}

beforeEach(async () => {
  await place.writeParquet(
    'data/a.parquet',
    `SELECT i AS id, ['year', 'month', 'two years', 'decade', NULL][1 + i % 5] AS contract
     FROM range(5000) r(i)`,
  );
  await place.write('model.onnx', echoModel({ contract: ['float32'] }));
});

test.each([0, 1, 2])('recipe %i gives the codes of the training', async (index) => {
  const all = await recipes();
  expect(all).toHaveLength(3);
  const sql = all[index] ?? '';
  const known = sql.includes('coalesce');
  await place.writeJob({
    features: { contract: sql },
    errors: { maxRejectedRows: '40%' },
    output: { uri: 'out', columns: { id: 'id', contract: 'contract', code: 'contract_out' } },
  });
  const { rows } = runOf(await place.shardmill('run', 'job.json', '--json'));
  // Texts that the training did not know are rejected, or have the code for them.
  expect(rows).toMatchObject(known ? { scored: 5000 } : { scored: 3000, rejected: 2000 });
  const found = await place.results('DISTINCT contract, code');
  const codes = new Map(found.map(({ contract, code }) => [contract, code]));
  expect(codes.get('month')).toBe(0);
  expect(codes.get('two years')).toBe(1);
  expect(codes.get('year')).toBe(2);
  expect(codes.get('decade')).toBe(known ? -1 : undefined);
  expect(codes.get(null)).toBe(known ? -1 : undefined);
});
