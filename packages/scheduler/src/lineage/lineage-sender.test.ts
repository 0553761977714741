import { ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { MemoryStore } from '../testing/memory-store.js';
import { lineageEvent } from './lineage-event.js';
import type { LineageEventType } from './lineage-facts.js';
import { LineageOutbox } from './lineage-outbox.js';
import { lineageRunId } from './lineage-run-id.js';
import { LineageSender } from './lineage-sender.js';

const AT = Date.parse('2026-11-26T05:00:00Z');
const DAY_MS = 86_400_000;
const STANDBY_MS = 60_000;

let server: ReceiverServer;
let outbox: LineageOutbox;
let now: number;
let leads: boolean;
let outcomes: string[];

beforeEach(async () => {
  server = await ReceiverServer.start();
  outbox = new LineageOutbox(new MemoryStore('s3://state'));
  [now, leads, outcomes] = [AT, true, []];
});
afterEach(() => server.close());

const newSender = (): LineageSender =>
  new LineageSender({
    outbox,
    target: { url: new URL(server.url()) },
    clock: { now: () => now },
    random: () => 0,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: { lineage: (outcome) => outcomes.push(outcome) },
    leads: () => leads,
    standbyMs: STANDBY_MS,
  });

async function add(...types: readonly LineageEventType[]): Promise<void> {
  for (const [index, eventType] of types.entries()) {
    const at = new Date(AT + index * 1000).toISOString();
    const key = `r.${index}`;
    const moment = { key, eventType, at, round: 0, began: at, planRun: null, error: null };
    await outbox.add(moment, () =>
      lineageEvent({
        eventType,
        at,
        namespace: 'default',
        version: '1',
        lineageRun: lineageRunId(AT, 'r'),
        run: 'r',
        job: jobOf(),
        base: '/',
        params: {},
      }),
    );
  }
}

const types = (): string[] => server.received.map(({ body }) => JSON.parse(body).eventType);

it('sends all in their order, each once', async () => {
  await add('START', 'RUNNING', 'COMPLETE');
  const sender = newSender();
  await sender.scan();
  await sender.scan();
  expect(types()).toEqual(['START', 'RUNNING', 'COMPLETE']);
  expect(await outbox.pending()).toEqual([]);
  // Another scheduler notes the same late: it is settled already.
  await add('START');
  await sender.scan();
  expect(types()).toHaveLength(3);
});

it('goes on after an event that the endpoint refuses', async () => {
  server.answer = ({ body }) => (body.includes('"START"') ? 422 : 201);
  await add('START', 'COMPLETE');
  await newSender().scan();
  expect(outcomes).toEqual(['failed', 'delivered']);
  expect(await outbox.pending()).toEqual([]);
});

it('sends nothing past an event that failed, and pauses longer and longer', async () => {
  server.answer = 503;
  await add('START', 'COMPLETE');
  const sender = newSender();
  await sender.scan();
  await sender.scan();
  expect(types()).toEqual(['START']);
  now += 1000;
  await sender.scan();
  now += 999;
  await sender.scan();
  expect(types()).toEqual(['START', 'START']);
  server.answer = 200;
  now += 2000;
  await sender.scan();
  expect(types().slice(2)).toEqual(['START', 'COMPLETE']);
});

it('gives an event up after a day', async () => {
  server.answer = 503;
  await add('START');
  now += DAY_MS;
  await newSender().scan();
  expect(outcomes).toEqual(['failed']);
  expect(await outbox.pending()).toEqual([]);
});

it('of a process that does not lead sends when the leading one has not for long', async () => {
  leads = false;
  await add('START');
  const sender = newSender();
  await sender.scan();
  now += STANDBY_MS - 1;
  await sender.scan();
  expect(types()).toEqual([]);
  now += 1;
  await sender.scan();
  expect(types()).toEqual(['START']);
});
