import type { RoundFacts, ShardTask } from '@shardmill/queue';
import { beforeEach, describe, expect, test } from 'vitest';
import { taskOf } from '../testing/sample-plan.js';
import { LoggedRuns } from './logged-runs.js';

const FACTS: RoundFacts = {
  run: 'r1',
  planRun: 'r1',
  output: '/out',
  planDigest: 'f'.repeat(64),
  round: 0,
  attempts: 3,
  partTimeoutMs: 60_000,
  diskFullWaitMs: 600_000,
  resources: { lanes: 2, batchRows: undefined },
};

let log: Map<string, RoundFacts>;
let reads: number;
let runs: LoggedRuns;

beforeEach(() => {
  log = new Map([['r1', FACTS]]);
  reads = 0;
  runs = new LoggedRuns({
    facts: async (run) => {
      reads++;
      return log.get(run);
    },
  });
});

const task = (change: object = {}): ShardTask =>
  taskOf({ ...FACTS, shard: 0, page: 0, rows: 1, ...change });

describe('a message', () => {
  test('is followed where the log says the same, which is read once', async () => {
    expect(await runs.refusal(task())).toBeUndefined();
    expect(await runs.refusal(task({ shard: 1, resources: { lanes: 2 } }))).toBeUndefined();
    expect(reads).toBe(1);
  });

  test.each([
    ['planRun', 'r2'],
    ['output', '/elsewhere'],
    ['planDigest', 'e'.repeat(64)],
    ['round', 1],
    ['attempts', 1],
    ['partTimeoutMs', 1],
    ['diskFullWaitMs', 1],
    ['resources', { lanes: 3 }],
    ['resources', {}],
  ])('is refused where it says otherwise of %s', async (name, value) => {
    await runs.refusal(task());
    expect(await runs.refusal(task({ [name]: value }))).toContain(name);
  });

  test('is refused under another name than its own', async () => {
    expect(await runs.refusal({ ...task(), id: 'r1.0.1' })).toContain('its name');
  });

  test('is refused of a run that the log does not know', async () => {
    expect(await runs.refusal(task({ run: 'r9' }))).toContain('no planned run r9');
  });

  test('of a new round is followed as soon as the log has it', async () => {
    await runs.refusal(task());
    log.set('r1', { ...FACTS, round: 1 });
    expect(await runs.refusal(task({ round: 1 }))).toBeUndefined();
    expect(await runs.refusal(task({ round: 0 }))).toContain('round');
  });
});
