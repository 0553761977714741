import path from 'node:path';
import { FileStore, ShardmillError } from '@shardmill/core';
import { openLineageFaults, ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunRegistry } from '../state/run-registry.js';
import { jobOf } from '../testing/job.js';
import { eventually, type Fleet, withFleet } from '../testing/service.js';

let server: ReceiverServer;

beforeEach(async () => {
  server = await ReceiverServer.start();
});
afterEach(() => server.close());

const lineage = () => ({
  lineage: { target: { url: new URL(server.url('/api/v1/lineage')) }, namespace: 'prod' },
});

const submit = (fleet: Fleet, change = {}): Promise<string> =>
  fleet.submit({
    job: jobOf({ output: { uri: fleet.output, columns: { score: 'score' } } }),
    ...change,
  });

interface Sent {
  readonly eventType: string;
  readonly run: { readonly runId: string; readonly facets: Record<string, unknown> };
}
const sent = (): Sent[] => server.received.map(({ body }) => JSON.parse(body));
const types = (): string[] => sent().map(({ eventType }) => eventType);
const sentAll = (count: number) => eventually(() => server.received.length === count || undefined);

it('a run of a fleet has events of its begin, its plan and its end, in their order', () =>
  withFleet(async (fleet) => {
    fleet.scheduler(lineage());
    fleet.worker();
    const parent = { parent: 'airflow/churn.score/0191f3a0-6c1e-7d5a-9f3b-0123456789ab' };
    const tick = { schedule: 'nightly', id: 't', at: '2026-11-25T00:00:00.000Z' };
    const run = await submit(fleet, { parent, tick });
    await fleet.ended(run);
    await sentAll(3);
    expect(types()).toEqual(['START', 'RUNNING', 'COMPLETE']);
    for (const event of sent()) expect(openLineageFaults(event)).toEqual([]);
    expect(new Set(sent().map((event) => event.run.runId)).size).toBe(1);
    expect(sent()[2]).toMatchObject({
      job: { namespace: 'prod', name: 'test' },
      run: {
        facets: {
          parent: { job: { namespace: 'airflow', name: 'churn.score' } },
          nominalTime: { nominalStartTime: tick.at },
          tags: { tags: expect.arrayContaining([expect.objectContaining({ value: run })]) },
        },
      },
      outputs: [
        {
          namespace: 'file',
          name: fleet.output,
          facets: { schema: { fields: [{ name: 'score' }] } },
          outputFacets: { outputStatistics: { rowCount: expect.any(Number) } },
        },
      ],
    });
  }));

it('a run that is taken up again is another run for lineage', () =>
  withFleet(async (fleet) => {
    fleet.scheduler({
      ...lineage(),
      makePlan: async () => {
        throw new ShardmillError('COLUMN_NOT_FOUND', 'there is no "x"');
      },
    });
    const run = await submit(fleet);
    await fleet.ended(run);
    await sentAll(2);
    await fleet.registry.reopen(run, { by: 'me', now: new Date(), of: 'failed' });
    fleet.redis.eventsSide.publish({ kind: 'run-changed', run });
    await sentAll(4);
    expect(types()).toEqual(['START', 'FAIL', 'START', 'FAIL']);
    const ids = sent().map((event) => event.run.runId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[3]).toBe(ids[2]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(sent()[3]?.run.facets['errorMessage']).toMatchObject({
      message: expect.stringContaining('COLUMN_NOT_FOUND: there is no "x"'),
    });
  }));

it('what one scheduler could not note before it died, another one sends', () =>
  withFleet(async (fleet) => {
    const folder = path.join(fleet.folder, 'state');
    const dying = fleet.scheduler({
      ...lineage(),
      registry: new RunRegistry(new WithoutOutbox(folder)),
    });
    fleet.worker();
    const run = await submit(fleet);
    await fleet.ended(run);
    await eventually(
      () =>
        fleet.logged.some(({ message }) => message === 'the outbox is out of reach') || undefined,
    );
    await dying.close();
    expect(server.received).toEqual([]);
    fleet.scheduler(lineage());
    await sentAll(3);
    expect(types()).toEqual(['START', 'RUNNING', 'COMPLETE']);
  }));

/** A state location in which no event of lineage can be noted. */
class WithoutOutbox extends FileStore {
  override async create(...args: Parameters<FileStore['create']>): Promise<'created' | 'exists'> {
    if (!args[0].startsWith('lineage/')) return super.create(...args);
    throw new ShardmillError('STORE_UNREACHABLE', 'the outbox is out of reach');
  }
}

it('an endpoint that is away holds up no run, and gets all events in their order later', () =>
  withFleet(async (fleet) => {
    server.answer = 503;
    fleet.scheduler(lineage());
    fleet.worker();
    const run = await submit(fleet);
    expect((await fleet.ended(run)).phase).toBe('finished');
    await eventually(async () => {
      const names = [];
      for await (const { key } of fleet.registry.store.list('lineage/')) names.push(key);
      return names.length === 3 || undefined;
    });
    const before = server.received.length;
    expect(new Set(types())).toEqual(new Set(['START']));
    server.answer = 200;
    await eventually(() => types().at(-1) === 'COMPLETE' || undefined);
    expect(
      types()
        .slice(before)
        .filter((type) => type !== 'START'),
    ).toEqual(['RUNNING', 'COMPLETE']);
    const warned = fleet.logged.filter(({ message }) => message.includes('answered with 503'));
    expect(warned).toHaveLength(1);
  }));

it('of several schedulers one sends each event once', () =>
  withFleet(async (fleet) => {
    const schedulers = [0, 1, 2].map(() => fleet.scheduler(lineage()));
    fleet.worker();
    // As soon as each of them has seen the others.
    const leaders = () => schedulers.filter((scheduler) => scheduler.leads('lineage'));
    await eventually(() => leaders().length === 1 || undefined);
    const run = await submit(fleet);
    await fleet.ended(run);
    await eventually(async () => {
      for await (const _event of fleet.registry.store.list('lineage/')) return undefined;
      return server.received.length >= 3 || undefined;
    });
    expect(types()).toEqual(['START', 'RUNNING', 'COMPLETE']);
  }));
