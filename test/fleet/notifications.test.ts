import { createHmac } from 'node:crypto';
import { ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failureOf, useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const fleet = useFleet(place);
let server: ReceiverServer;

beforeEach(async () => {
  server = await ReceiverServer.start();
  vi.stubEnv('NOTIFY_SECRET', 'planted-secret');
  vi.stubEnv('NOTIFY_HOOK', server.url('/planted-path'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const bodies = (): { id: string; event: string; run: string | null; text: string }[] =>
  server.received.map(({ body }) => JSON.parse(body));

describe('shardmill run', () => {
  test('notifies a receiver of its end, signed, after some failures', async () => {
    let requests = 0;
    server.answer = () => (++requests < 3 ? 503 : 204);
    const hook = { urlEnv: 'NOTIFY_HOOK', secretEnv: 'NOTIFY_SECRET', on: ['finished' as const] };
    await place.prepare({ job: { notify: [hook] } });
    const ended = await place.shardmill('run', 'job.json');
    expect(ended.code).toBe(0);
    expect(server.received).toHaveLength(3);
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(1);
    expect(bodies()[0]).toMatchObject({
      event: 'finished',
      text: expect.stringContaining('100 rows'),
    });
    for (const { headers, body, path } of server.received) {
      expect(path).toBe('/planted-path');
      const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
      const expected = createHmac('sha256', 'planted-secret').update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    }
    expect(ended.stdout + ended.stderr).not.toContain('planted');
  });

  test('notifies of a failure, and fails as ever whatever the receiver does', async () => {
    server.answer = 400;
    await place.prepare({
      job: { features: { features: ['a', 'b', 'nothing'] }, notify: [{ url: server.url() }] },
    });
    const run = place.start('run', 'job.json', '--json');
    await waitFor('two attempts', () => server.received.length >= 2, run);
    server.answer = 200;
    expect(failureOf(await run.ended, 2).code).toBe('COLUMN_NOT_FOUND');
    expect(bodies().at(-1)).toMatchObject({ event: 'failed', run: null });
  });

  test('begins nothing where a secret is missing', async () => {
    await place.prepare({ job: { notify: [{ url: server.url(), secretEnv: 'NOTIFY_OTHER' }] } });
    const refusal = failureOf(await place.shardmill('run', 'job.json', '--json'), 2);
    expect(refusal).toMatchObject({ code: 'NOTIFY_SECRET_MISSING', where: 'NOTIFY_OTHER' });
    expect(server.received).toEqual([]);
  });

  test('notifies of no trial', async () => {
    await place.prepare({ job: { notify: [{ url: server.url(), on: ['finished'] }] } });
    expect((await place.shardmill('run', 'job.json', '--limit', '10')).code).toBe(0);
    expect(server.received).toEqual([]);
  });
});

describe('a fleet', () => {
  test('delivers what a scheduler that was killed had not delivered', async () => {
    const secretEnv = 'NOTIFY_SECRET';
    await fleet.configure({
      notify: { receivers: [{ urlEnv: 'NOTIFY_HOOK', secretEnv, on: ['finished'] }] },
      allow: { notify: ['127.0.0.1'] },
    });
    await place.prepare({ job: { notify: [{ url: server.url('/job'), on: ['finished'] }] } });
    // It hangs, so that the first scheduler dies between the end of the run and the delivery.
    server.answer = 'hang';
    const first = fleet.scheduler('--interval', '500ms');
    fleet.worker();
    await fleet.ready(1, 1);
    const run = await fleet.submit();
    await waitFor('both requests', () => server.received.length >= 2, first);
    first.kill('SIGKILL');
    await first.ended;
    await fleet.redis.command('FLUSHALL');
    expect((await fleet.status(run)).state).toBe('finished');
    server.answer = 204;
    const before = bodies().map(({ id }) => id);
    const second = fleet.scheduler('--interval', '500ms');
    await waitFor(
      'the delivery',
      () => second.stderr.match(/the notification is delivered/g)?.length === 2,
      second,
    );
    const after = bodies().slice(before.length);
    expect(after.map(({ id }) => id).toSorted()).toEqual([...new Set(before)].toSorted());
    for (const body of after) expect(body).toMatchObject({ event: 'finished', run });
    expect(first.stderr + second.stderr).not.toContain('planted');
  });

  test('sends nothing to an address within that only a job names', async () => {
    await place.prepare({ job: { notify: [{ url: server.url(), on: ['finished'] }] } });
    const scheduler = fleet.scheduler('--interval', '500ms');
    fleet.worker();
    await fleet.ready(1, 1);
    expect((await place.shardmill('submit', 'job.json', '--wait')).code).toBe(0);
    await waitFor('the refusal', () => scheduler.stderr.includes('NOTIFY_FORBIDDEN'), scheduler);
    expect(server.received).toEqual([]);
  });
});
