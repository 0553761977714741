import { parseJob } from '@shardmill/core/schemas';
import { type LineageEvent, lineageEvent, lineageRunId } from '@shardmill/scheduler/lineage';
import { ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EventSender } from './event-sender.js';

const job = parseJob(
  {
    name: 'j',
    input: { uri: 'a' },
    model: { uri: 'm' },
    output: { uri: 'o', columns: { y: 'y' } },
  },
  'job.yaml',
);

let server: ReceiverServer;
let warnings: string[];

beforeEach(async () => {
  server = await ReceiverServer.start();
  warnings = [];
});
afterEach(() => server.close());

const eventOf = (eventType: LineageEvent['eventType']): LineageEvent =>
  lineageEvent({
    eventType,
    at: '2026-11-26T05:00:00.000Z',
    namespace: 'default',
    version: '0.1.0',
    lineageRun: lineageRunId(0, 'r'),
    run: 'r',
    job,
    base: '/jobs',
    params: {},
  });

const senderTo = (url: string, closeTimeoutMs?: number): EventSender =>
  new EventSender({
    target: { url: new URL(url), apiKey: 'k' },
    warn: (message) => warnings.push(message),
    closeTimeoutMs,
  });

const types = (): string[] => server.received.map(({ body }) => JSON.parse(body).eventType);

it('sends events in their order, with the key', async () => {
  const sender = senderTo(server.url('/api/v1/lineage'));
  for (const type of ['START', 'RUNNING', 'COMPLETE'] as const) sender.add(eventOf(type));
  await sender.close();
  expect(types()).toEqual(['START', 'RUNNING', 'COMPLETE']);
  expect(server.received[0]).toMatchObject({
    path: '/api/v1/lineage',
    headers: { authorization: 'Bearer k', 'content-type': 'application/json; charset=utf-8' },
  });
  expect(warnings).toEqual([]);
});

it('goes on after an event that is refused, and warns once', async () => {
  server.answer = 422;
  const sender = senderTo(server.url());
  sender.add(eventOf('START'));
  sender.add(eventOf('COMPLETE'));
  await sender.close();
  expect(types()).toEqual(['START', 'COMPLETE']);
  expect(warnings).toEqual([
    expect.stringMatching(/not delivered: LINEAGE_FAILED .*answered with 422/),
  ]);
});

it('keeps the order when the first event has to be sent again at the end', async () => {
  server.answer = () => (server.received.length === 1 ? 503 : 200);
  const sender = senderTo(server.url());
  sender.add(eventOf('START'));
  while (warnings.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  sender.add(eventOf('COMPLETE'));
  await sender.close();
  expect(types()).toEqual(['START', 'START', 'COMPLETE']);
  expect(warnings).toHaveLength(1);
});

it('is closed in time though the endpoint does not answer', async () => {
  server.answer = 'hang';
  const sender = senderTo(server.url(), 50);
  for (const type of ['START', 'COMPLETE'] as const) sender.add(eventOf(type));
  await sender.close();
  expect(warnings).toEqual([expect.stringContaining('LINEAGE_FAILED')]);
  expect(types().filter((type) => type !== 'START')).toEqual([]);
});

it('is closed at once where nothing listens, without a word of the login', async () => {
  const { port } = server;
  await server.close();
  const sender = senderTo(`http://user:secret@127.0.0.1:${port}/lineage?code=secret`);
  sender.add(eventOf('START'));
  await sender.close();
  expect(warnings).toEqual([
    `events of lineage are not delivered: LINEAGE_FAILED the request failed with ECONNREFUSED (http://127.0.0.1:${port}/lineage)`,
  ]);
  server = await ReceiverServer.start();
});
