import type { JobDefinition } from '@shardmill/core';
import { boostedTrees } from '@shardmill/test-kit';
import { describe, expect, test } from 'vitest';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const ROWS = 20_000;

const job = (
  treeKernel: 'auto' | 'off',
  resources: JobDefinition['resources'] = {},
): Partial<JobDefinition> => ({
  features: { features: ['a', 'b', 'c'] },
  output: { uri: `out-${treeKernel}`, mode: 'overwrite', columns: { id: 'id', score: 'score' } },
  resources: { treeKernel, ...resources },
});

async function scored(...args: Parameters<typeof job>): Promise<Scored & { seconds: string[] }> {
  const result = await score(place, job(...args));
  const { seconds } = await place.manifest(result.plan.runId, `out-${args[0]}`);
  return { ...result, seconds: Object.keys(seconds) };
}

describe('a model of trees', () => {
  // Batches of a given number of rows go two passes, others a single one.
  test.each([
    ['in a single pass', {}],
    ['in two passes', { batchRows: 4096 }],
  ])('has the same scores with the kernel as without, %s', async (_, resources) => {
    await place.prepare({ rows: ROWS, model: boostedTrees({ features: 3, trees: 40, depth: 5 }) });
    const withKernel = await scored('auto', resources);
    const without = await scored('off', resources);
    expect(withKernel.seconds).toContain('treeKernel');
    expect(without.seconds).not.toContain('treeKernel');
    const [compared] = await place.sql(`
      SELECT count(*) AS n, count(*) FILTER (x.score IS DISTINCT FROM y.score) AS different
      FROM read_parquet('${place.path('out-auto')}/*.parquet') x
      JOIN read_parquet('${place.path('out-off')}/*.parquet') y USING (id)`);
    expect(compared).toEqual({ n: ROWS, different: 0 });
  });

  test('is said by the plan to be scored by the kernel', async () => {
    await place.prepare({ rows: 100, model: boostedTrees({ features: 3, trees: 4, depth: 3 }) });
    await place.writeJob(job('auto'));
    const { stdout, stderr, code } = await place.shardmill('plan', 'job.json');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('its trees are scored by the tree kernel');
  });
});
