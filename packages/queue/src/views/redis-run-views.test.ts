import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunView } from './run-view.js';
import { TestFleet } from '../testing/fleet.js';

let fleet: TestFleet;

beforeEach(async () => {
  fleet = await TestFleet.start();
});

afterEach(() => fleet.close());

const view: RunView = {
  run: 'r1',
  job: 'churn',
  state: 'failed',
  pool: 'cpu',
  output: 's3://lake/scores/',
  planRun: 'r0',
  submittedAt: '2026-07-01T05:00:00.000Z',
  endedAt: null,
  at: 1_800_000_000_000,
  rowsPlanned: 100,
  rowsDone: 60,
  rowsScored: 50,
  rowsRejected: 4,
  rowsFiltered: 6,
  shards: { planned: 10, done: 6, failed: 1, active: 1, waiting: 1, delayed: 1 },
  retries: 3,
  usage: { pool: 'cpu', workerSeconds: 90, unfinishedSeconds: 5, pricePerWorkerHour: 1, cost: 2 },
  memory: { times: 2, rows: 32, unit: 'row', lanes: 1 },
  workers: 2,
  error: { code: 'SHARDS_FAILED', message: '1 of 10', where: 'r1', remedy: 'Fix it.' },
  notice: null,
  inputWait: null,
};

describe('views of runs', () => {
  it('are read as they were written last', async () => {
    const [writer, reader] = [(await fleet.join()).views(), (await fleet.join()).views()];
    expect(await reader.get('r1')).toBeUndefined();
    await writer.put({ ...view, state: 'running', error: null });
    await writer.put(view);
    expect(await reader.get('r1')).toEqual(view);
    const inputWait: RunView['inputWait'] = {
      conditions: ['marker _SUCCESS'],
      since: '2026-07-01T05:00:00.000Z',
      until: '2026-07-01T11:00:00.000Z',
      onTimeout: 'skip',
      lacks: ['/in/_SUCCESS is not there'],
      lookedAt: null,
    };
    await writer.put({ ...view, state: 'waiting', inputWait });
    expect(await reader.get('r1')).toMatchObject({ state: 'waiting', inputWait });
  });

  it('of an earlier version wait for nothing', async () => {
    const { inputWait: _, ...earlier } = view;
    await fleet.server.command('SET', '{shardmill}/views/r1', JSON.stringify(earlier));
    expect(await (await fleet.join()).views().get('r1')).toEqual(view);
  });

  it('are kept for an hour', async () => {
    await (await fleet.join()).views().put(view);
    const seconds = Number(await fleet.server.command('TTL', '{shardmill}/views/r1'));
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
  });

  it('that cannot be read are as if there were none', async () => {
    await fleet.server.command('SET', '{shardmill}/views/r1', '{"run":"r1"}');
    expect(await (await fleet.join()).views().get('r1')).toBeUndefined();
  });
});
