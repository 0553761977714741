import path from 'node:path';
import { FileStore, type Receiver, ShardmillError } from '@shardmill/core';
import { receiverSchema } from '@shardmill/core/schemas';
import { openLineageFaults, ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LateTick } from '../notify/happenings.js';
import { RunRegistry } from '../state/run-registry.js';
import { jobOf } from '../testing/job.js';
import { eventually, type Fleet, withFleet } from '../testing/service.js';

let server: ReceiverServer;

beforeEach(async () => {
  server = await ReceiverServer.start();
});
afterEach(() => server.close());

const receiver = (on: Receiver['on']): Receiver =>
  receiverSchema.parse({ url: server.url(), on, secretEnv: 'NOTIFY_SECRET' });
const env = { NOTIFY_SECRET: 'secret' };
const notifying = (...receivers: Receiver[]) => ({ notify: { receivers, env } });

const submit = (fleet: Fleet, notify?: Receiver[]): Promise<string> =>
  fleet.submit({
    job: jobOf({ output: { uri: fleet.output, columns: { score: 'score' } }, notify }),
  });

const bodies = (): { id: string; event: string; run: string; text: string }[] =>
  server.received.map(({ body }) => JSON.parse(body));

it('a scheduler notifies the receivers of a job and of its configuration of the end', () =>
  withFleet(async (fleet) => {
    const rules = { allow: { notify: ['127.0.0.1'] } };
    fleet.scheduler({ ...notifying(receiver(['finished', 'failed'])), rules });
    fleet.worker();
    const own = receiverSchema.parse({ url: server.url('/own'), on: ['finished'] });
    const run = await submit(fleet, [own]);
    await fleet.ended(run);
    await eventually(() => server.received.length === 2 || undefined);
    expect(bodies()).toEqual([
      expect.objectContaining({ event: 'finished', run, rows: expect.any(Object) }),
      expect.objectContaining({ event: 'finished', run, error: null }),
    ]);
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(2);
    const signed = server.received.map(({ path, headers }) => [
      path,
      headers['webhook-signature'] !== undefined,
    ]);
    expect(Object.fromEntries(signed)).toEqual({ '/hook': true, '/own': false });
  }));

it('a run that fails is notified of, and again when it fails again after it was taken up', () =>
  withFleet(async (fleet) => {
    fleet.scheduler({
      ...notifying(receiver(['failed'])),
      makePlan: async () => {
        throw new ShardmillError('COLUMN_NOT_FOUND', 'there is no "x"');
      },
    });
    const run = await submit(fleet);
    await fleet.ended(run);
    await eventually(() => server.received.length === 1 || undefined);
    await fleet.registry.reopen(run, { by: 'me', now: new Date(), of: 'failed' });
    fleet.redis.eventsSide.publish({ kind: 'run-changed', run });
    await eventually(() => server.received.length === 2 || undefined);
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(2);
    expect(bodies()[1]).toMatchObject({
      event: 'failed',
      run,
      error: { code: 'COLUMN_NOT_FOUND' },
    });
  }));

it('one that dies between the end of a run and its notification is followed by another', () =>
  withFleet(async (fleet) => {
    const folder = path.join(fleet.folder, 'state');
    const dying = fleet.scheduler({
      ...notifying(receiver(['finished'])),
      registry: new RunRegistry(new WithoutOutbox(folder, 'outbox/')),
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
    fleet.scheduler(notifying(receiver(['finished'])));
    await eventually(() => server.received.length === 1 || undefined);
    expect(bodies()).toMatchObject([{ event: 'finished', run }]);
  }));

/** A state location in which nothing can be noted that is to be sent. */
class WithoutOutbox extends FileStore {
  constructor(
    folder: string,
    readonly prefix: string,
  ) {
    super(folder);
  }
  override async create(...args: Parameters<FileStore['create']>): Promise<'created' | 'exists'> {
    if (!args[0].startsWith(this.prefix)) return super.create(...args);
    throw new ShardmillError('STORE_UNREACHABLE', 'the outbox is out of reach');
  }
}

it('of several schedulers one delivers, and what each notes is one notification', () =>
  withFleet(async (fleet) => {
    for (let n = 0; n < 3; n++) fleet.scheduler(notifying(receiver(['finished'])));
    fleet.worker();
    await eventually(() => fleet.redis.processes.size === 3 || undefined);
    const run = await submit(fleet);
    await fleet.ended(run);
    await eventually(async () => {
      const markers: string[] = [];
      for await (const marker of fleet.registry.active()) markers.push(marker);
      return markers.length === 0 && server.received.length > 0 ? true : undefined;
    });
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(1);
  }));

it('a late tick is notified of once, however many schedulers notice it', () =>
  withFleet(async (fleet) => {
    const late: LateTick = {
      schedule: 'daily',
      id: '20261122T050000Z',
      tick: '2026-11-22T05:00:00.000Z',
      deadline: new Date(Date.now() - 60_000).toISOString(),
      job: 'test',
      run: 'r1',
      params: {},
      output: fleet.output,
    };
    const schedulers = [1, 2].map(() => fleet.scheduler(notifying(receiver(['late']))));
    await Promise.all(schedulers.map((one) => one.noteLate(late, jobOf())));
    await eventually(() => server.received.length > 0 || undefined);
    await schedulers[0]?.noteLate(late, jobOf());
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(1);
    expect(bodies()[0]).toMatchObject({
      event: 'late',
      schedule: 'daily',
      tick: late.tick,
      deadline: late.deadline,
      run: 'r1',
    });
  }));

it('the end of a run of a schedule says of which tick it was', () =>
  withFleet(async (fleet) => {
    fleet.scheduler(notifying(receiver(['finished'])));
    fleet.worker();
    const at = '2026-11-22T05:00:00.000Z';
    const run = await fleet.submit({ tick: { schedule: 'daily', id: '20261122T050000Z', at } });
    await eventually(() => server.received.length > 0 || undefined);
    expect(bodies()[0]).toMatchObject({ event: 'finished', run, schedule: 'daily', tick: at });
    expect(bodies()[0]?.text).toMatch(/^test \(tick 2026-11-22T05:00:00\.000Z\) finished/);
  }));

it('receivers that do not answer hold up neither the run nor its end', () =>
  withFleet(async (fleet) => {
    server.answer = 'hang';
    const service = fleet.scheduler(notifying(receiver(['finished'])));
    fleet.worker();
    const runs = [await submit(fleet), await fleet.submit({ run: 'other' })];
    for (const run of runs) await fleet.ended(run);
    await eventually(() => server.received.length >= 1 || undefined);
    const metrics = await service.metrics.metrics();
    expect(metrics).toMatch(/^shardmill_notifications_pending \d$/m);
    expect(metrics).toContain('shardmill_notifications_total{outcome="delivered"} 0');
  }));

const lineage = () => ({
  lineage: { target: { url: new URL(server.url('/api/v1/lineage')) }, namespace: 'prod' },
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
    const run = await fleet.submit({ parent, tick });
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
    const run = await fleet.submit();
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
      registry: new RunRegistry(new WithoutOutbox(folder, 'lineage/')),
    });
    fleet.worker();
    const run = await fleet.submit();
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

it('an endpoint that is away holds up no run, and gets all events in their order later', () =>
  withFleet(async (fleet) => {
    server.answer = 503;
    fleet.scheduler(lineage());
    fleet.worker();
    const run = await fleet.submit();
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
