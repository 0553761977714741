import { expect, test } from 'vitest';
import { z } from 'zod';
import { useFleet } from '../support/fleet.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const fleet = useFleet(place);

const report = z.object({
  well: z.boolean(),
  findings: z.array(
    z.object({
      what: z.string(),
      state: z.string(),
      found: z.string(),
      remedy: z.string().optional(),
    }),
  ),
});

async function doctor(code: number, ...args: string[]): Promise<z.output<typeof report>> {
  const ended = await place.shardmill('doctor', '--json', ...args);
  expect(ended.code, ended.stdout + ended.stderr).toBe(code);
  return report.parse(JSON.parse(ended.stdout));
}

test('doctor finds nothing to fix where all is well', async () => {
  await place.prepare();
  await fleet.start(1);
  const { well, findings } = await doctor(0, '--job', 'job.json', '--uri', 'elsewhere');
  expect(well).toBe(true);
  const fine = findings.filter(({ state }) => state === 'ok').map(({ what }) => what);
  expect(fine).toEqual([
    'machine',
    'DuckDB',
    'ONNX Runtime',
    'Redis',
    'fleet',
    'state',
    'input',
    'model',
    'output',
    'location',
  ]);
});

test('doctor fails for a Redis that drops what is queued, and says what to fix', async () => {
  await fleet.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  const { findings } = await doctor(1);
  expect(findings.filter(({ state }) => state === 'fail')).toEqual([
    {
      what: 'Redis',
      state: 'fail',
      found: expect.stringContaining('allkeys-lru'),
      remedy: expect.stringContaining('noeviction'),
    },
  ]);
  const text = (await place.shardmill('doctor')).stdout;
  expect(text).toContain('1 thing has to be fixed.');
});

test('doctor fails without Redis, and goes on with the rest', async () => {
  await fleet.redis.stop();
  const { findings } = await doctor(1);
  expect(findings.find(({ what }) => what === 'Redis')).toMatchObject({
    state: 'fail',
    found: expect.stringContaining('REDIS_UNREACHABLE'),
  });
  expect(findings.find(({ what }) => what === 'state')?.state).toBe('ok');
});

test('a worker refuses a Redis that drops what is queued', async () => {
  await fleet.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  const ended = await fleet.worker().ended;
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('error REDIS_UNSUITABLE');
});
