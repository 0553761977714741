import type { JobDefinition } from '@shardmill/core';
import { boostedTrees, ProtobufWriter } from '@shardmill/test-kit';
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
  const result = await score(place, job(...args), { lanes: 2 });
  const { seconds } = await place.manifest(result.plan.runId, `out-${args[0]}`);
  return { ...result, seconds: Object.keys(seconds) };
}

/** Trees, in a file that a long description makes as large as that of a forest. */
function treesWith(descriptionBytes: number): Uint8Array {
  const trees = boostedTrees({ features: 3, trees: 40, depth: 5 });
  const description = new ProtobufWriter().string(DOC_STRING, ' '.repeat(descriptionBytes));
  return Buffer.concat([trees, description.finish()]);
}

/** Number of the field in ONNX's `ModelProto`. */
const DOC_STRING = 6;

describe('a model of trees', () => {
  // Batches of a given number of rows go two passes, others a single one.
  test.each([
    ['in a single pass', {}, 0],
    ['in two passes', { batchRows: 4096 }, 0],
    ['in batches of fewer rows than are checked', { batchRows: 20 }, 0],
    ['where lanes open the model only when they need it', {}, 33 * 2 ** 20],
  ])(
    'has the same scores with the kernel as without, %s',
    async (_, resources, descriptionBytes) => {
      await place.prepare({ rows: ROWS, model: treesWith(descriptionBytes) });
      const withKernel = await scored('auto', resources);
      const without = await scored('off', resources);
      expect(withKernel.seconds).toContain('treeKernel');
      expect(without.seconds).not.toContain('treeKernel');
      const [compared] = await place.sql(`
      SELECT count(*) AS n, count(*) FILTER (x.score IS DISTINCT FROM y.score) AS different
      FROM read_parquet('${place.path('out-auto')}/*.parquet') x
      JOIN read_parquet('${place.path('out-off')}/*.parquet') y USING (id)`);
      expect(compared).toEqual({ n: ROWS, different: 0 });
    },
  );

  test('is said by the plan to be scored by the kernel', async () => {
    await place.prepare({ rows: 100, model: boostedTrees({ features: 3, trees: 4, depth: 3 }) });
    await place.writeJob(job('auto'));
    const { stdout, stderr, code } = await place.shardmill('plan', 'job.json');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('its trees are scored by the tree kernel');
  });
});
