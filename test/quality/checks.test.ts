import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

describe('a job with checks', () => {
  test('publishes nothing where one fails, until a person accepts the run', async () => {
    await place.prepare({
      rows: 5000,
      job: {
        profile: { features: ['c'] },
        checks: [
          { name: 'few', kind: 'range', column: 'score', of: 'mean', max: -1 },
          { name: 'known', kind: 'nulls', feature: 'c', max: 0 },
          { name: 'new', kind: 'freshness', maxAge: '24h' },
          { name: 'ids', kind: 'unique', column: 'id' },
          {
            name: 'missing',
            kind: 'sql',
            sql: 'SELECT name, nulls FROM profile WHERE nulls > 0 OR count < 5000',
          },
        ],
      },
    });
    const failed = await place.shardmill('run', 'job.json', '--json');
    expect(failed.code).toBe(5);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      error: { code: 'CHECKS_FAILED', message: expect.stringContaining('1 of 5 checks failed') },
    });
    expect(await readdir(place.path('out'))).not.toContain('_SUCCESS');

    const accepted = await place.shardmill(
      'accept',
      'out',
      '--reason',
      'A trial.',
      '--by',
      'ada',
      '--json',
    );
    const { runId } = runOf(accepted);
    expect(await readdir(place.path('out'))).toContain('_SUCCESS');
    expect((await place.manifest(runId)).quality).toMatchObject({
      outcomes: [
        { name: 'few', passed: false },
        { name: 'known', passed: true, observed: 0 },
        { name: 'new', passed: true },
        { name: 'ids', passed: true, message: expect.stringContaining('none of 5,000 rows') },
        { name: 'missing', passed: true, observed: 0 },
      ],
      accepted: { by: 'ada', reason: 'A trial.' },
    });
  });
});
