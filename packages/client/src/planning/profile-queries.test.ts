import { expect, it } from 'vitest';
// As it is built: its process is started from there.
import { profileQueries } from '../../dist/planning/profile-queries.js';

const queriesWithin = (timeoutMs: number) =>
  profileQueries({ storage: {}, engine: {}, limits: { timeoutMs, memoryLimitBytes: 2 ** 32 } });

it('SQL over a profile is run in a process of its own, and ended where it does not end', async () => {
  const endless =
    'WITH RECURSIVE x AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM x) SELECT max(i) FROM x';
  const sound = 'SELECT name FROM profile WHERE nulls > 0';
  const profile = ['{"name":"score","nulls":1}'];
  const [ended, answers] = await Promise.all([
    queriesWithin(1000)(profile, [endless]),
    queriesWithin(60_000)(profile, [sound, 'SELECT name::INTEGER FROM profile']),
  ]);
  expect(ended).toEqual([{ fault: 'it was not done after 1 s' }]);
  expect(answers).toEqual([
    { rows: ['{"name":"score"}'], more: false },
    { fault: expect.stringContaining('Could not convert string') },
  ]);
});
