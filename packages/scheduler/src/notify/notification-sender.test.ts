import type { Receiver } from '@shardmill/core';
import { receiverSchema } from '@shardmill/core/schemas';
import { ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.js';
import { eventually } from '../testing/service.js';
import type { Happening } from './notification.js';
import { NotificationSender, type SenderOptions } from './notification-sender.js';
import { oldSettled } from '../state/outbox-layout.js';
import { NotificationOutbox } from './outbox.js';
import type { NotifySettings } from './receiver.js';
import { signedHeaders } from './sign.js';

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 10, 22, 5);
const happening: Happening = {
  key: 'r1.4',
  event: 'failed',
  at: new Date(AT).toISOString(),
  job: 'churn',
  run: 'r1',
  schedule: null,
  tick: null,
  deadline: null,
  params: {},
  output: '/out',
  rows: null,
  error: { code: 'SHARDS_FAILED', message: 'm', remedy: 'r' },
};

let server: ReceiverServer;
let store: MemoryStore;
let outbox: NotificationOutbox;
let now: number;
let logged: string[];
let counts: Record<string, number>;
let senders: NotificationSender[];

beforeEach(async () => {
  server = await ReceiverServer.start();
  store = new MemoryStore('memory:');
  outbox = new NotificationOutbox(store);
  now = AT;
  logged = [];
  counts = { delivered: 0, failed: 0, retried: 0, pending: 0 };
  senders = [];
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  await server.close();
});

const receiver = (change: Partial<Receiver> = {}): Receiver =>
  receiverSchema.parse({ url: server.url(), on: ['failed'], ...change });

const keys = (): string[] => [...store.objects.keys()].toSorted();

function sender(
  settings: Partial<NotifySettings> = {},
  change: Partial<SenderOptions> = {},
): NotificationSender {
  const log =
    (level: string) =>
    (fields: object, message: string): void => {
      logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const made = new NotificationSender({
    outbox,
    settings: { receivers: [], env: {}, guarded: false, ...settings },
    clock: { now: () => now },
    random: () => 0,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    metrics: {
      notified: (outcome) => {
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      },
      notificationsPending: (count) => {
        counts['pending'] = count;
      },
    },
    leads: () => true,
    standbyMs: 1000,
    timeoutMs: 300,
    ...change,
  });
  senders.push(made);
  return made;
}

const add = (job: readonly Receiver[], configuration: readonly Receiver[] = []) =>
  outbox.add(happening, { job, configuration });

const total = (): number =>
  (counts['delivered'] ?? 0) + (counts['failed'] ?? 0) + (counts['retried'] ?? 0);

/** Scans, and waits until so many attempts have ended. */
async function scanUntil(one: NotificationSender, attempts: number): Promise<void> {
  await one.scan();
  await eventually(() => total() >= attempts || undefined);
}

describe('the outbox', () => {
  it('has one notification for each receiver that wants it, however often it is added', async () => {
    const other = receiver({ on: ['finished'] });
    expect(await add([receiver(), other], [receiver({ format: 'slack' })])).toBe(2);
    expect(await add([receiver(), other], [receiver({ format: 'slack' })])).toBe(0);
    expect(await outbox.pending()).toEqual([
      expect.stringMatching(/^20261122T050000Z-r1\.4\.config-[0-9a-f]{12}\.json$/),
      expect.stringMatching(/^20261122T050000Z-r1\.4\.job-[0-9a-f]{12}\.json$/),
    ]);
  });

  it('adds nothing that is settled, and never sends it again', async () => {
    await add([receiver()]);
    const [name = ''] = await outbox.pending();
    const [key = ''] = keys();
    const entry = store.objects.get(key);
    await outbox.settle(name, { outcome: 'delivered', at: 't', attempts: 1, error: null });
    expect(await add([receiver()])).toBe(0);
    // A scheduler that had looked before it was settled adds it late.
    if (entry !== undefined) store.objects.set(key, entry);
    expect(await outbox.find(name)).toBeUndefined();
    expect(await outbox.pending()).toEqual([]);
    expect(await oldSettled(store, AT)).toEqual([]);
    expect(await oldSettled(store, AT + 1)).toEqual(keys());
  });

  it('has of a receiver of the configuration neither address nor secret', async () => {
    await add([], [receiver({ url: 'https://planted.example/planted' })]);
    for (const bytes of store.objects.values()) {
      expect(Buffer.from(bytes).toString()).not.toContain('planted');
    }
  });
});

describe('a notification', () => {
  it('is delivered once, signed, with the id under which it is known', async () => {
    await add([receiver({ secretEnv: 'NOTIFY_SECRET' })]);
    const [name = ''] = await outbox.pending();
    const one = sender({ env: { NOTIFY_SECRET: 'whsec_c2VjcmV0' } });
    await scanUntil(one, 1);
    await eventually(async () => (await outbox.pending()).length === 0 || undefined);
    await one.scan();
    expect(server.received).toHaveLength(1);
    const [{ headers, body } = { headers: {}, body: '' }] = server.received;
    const id = name.replace(/^[^-]+-|\.json$/g, '');
    expect(headers).toMatchObject(signedHeaders(id, body, 'whsec_c2VjcmV0', now));
    expect(JSON.parse(body)).toMatchObject({ id, event: 'failed', job: 'churn', run: 'r1' });
    const [settled = ''] = keys();
    expect(JSON.parse(Buffer.from(store.objects.get(settled) ?? []).toString())).toEqual({
      outcome: 'delivered',
      at: new Date(now).toISOString(),
      attempts: 1,
      error: null,
    });
    expect(counts).toEqual({ delivered: 1, failed: 0, retried: 0, pending: 0 });
  });

  it('is sent again with longer and longer pauses, under the same id, until it is taken', async () => {
    server.answer = 503;
    await add([receiver()]);
    const one = sender();
    await scanUntil(one, 1);
    // Half of one second, two, four and so on is the least.
    for (const [failures, pauseMs] of [
      [1, 500],
      [2, 1000],
      [3, 2000],
    ] as const) {
      now += pauseMs - 1;
      await one.scan();
      expect(server.received).toHaveLength(failures);
      now += 1;
      await scanUntil(one, failures + 1);
    }
    server.answer = 200;
    now += HOUR;
    await scanUntil(one, 5);
    expect(new Set(server.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(counts).toMatchObject({ delivered: 1, failed: 0, retried: 4 });
  });

  it.each([
    ['hangs', 'hang', 'no answer within 300 ms'],
    ['redirects', { redirect: 'http://127.0.0.1:1/' }, 'not followed'],
    ['resets the connection', 'reset', 'ECONNRESET'],
  ] as const)('is kept for a receiver that %s', async (_, answer, reason) => {
    server.answer = answer;
    await add([receiver()]);
    const one = sender();
    await scanUntil(one, 1);
    expect(logged.join()).toContain(reason);
    server.answer = 204;
    now += 1000;
    await scanUntil(one, 2);
    expect(counts).toMatchObject({ delivered: 1, retried: 1 });
  });

  it('is given up after a day, which is noted and counted', async () => {
    server.answer = 500;
    await add([receiver()]);
    const one = sender();
    now += 24 * HOUR - 1;
    await scanUntil(one, 1);
    now += HOUR;
    await scanUntil(one, 2);
    await eventually(async () => (await outbox.pending()).length === 0 || undefined);
    expect(counts).toMatchObject({ failed: 1, retried: 1 });
    const [settled = ''] = keys();
    expect(Buffer.from(store.objects.get(settled) ?? []).toString()).toContain('NOTIFY_FAILED');
  });

  it('is delivered by the next sender where the one that had it is gone', async () => {
    server.answer = 'hang';
    await add([receiver()]);
    const first = sender({}, { timeoutMs: 60_000 });
    await first.scan();
    await eventually(() => server.received.length === 1 || undefined);
    await first.close();
    expect(total()).toBe(0);
    server.answer = 204;
    await scanUntil(sender(), 1);
    const ids = server.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    expect(await outbox.pending()).toEqual([]);
  });

  it('is left to the sender that leads, for a while', async () => {
    await add([receiver()]);
    const other = sender({}, { leads: () => false });
    await other.scan();
    now += 999;
    await other.scan();
    expect(server.received).toEqual([]);
    now += 1;
    await scanUntil(other, 1);
    expect(counts['delivered']).toBe(1);
  });

  it('of a job is refused where its host is within, and not tried again', async () => {
    await add([receiver()]);
    await scanUntil(sender({ guarded: true }), 1);
    expect(server.received).toEqual([]);
    expect(counts).toMatchObject({ failed: 1, retried: 0 });
    expect(logged.join()).toContain('NOTIFY_FORBIDDEN');
    expect(await outbox.pending()).toEqual([]);
  });

  it('of a job goes to a host within that the configuration names, and to no other one', async () => {
    await add([receiver()]);
    await scanUntil(sender({ guarded: true, allow: { notify: ['127.0.0.1'] } }), 1);
    expect(counts['delivered']).toBe(1);
    await add([receiver({ format: 'slack' })]);
    await scanUntil(sender({ guarded: false, allow: { notify: ['hooks.slack.com'] } }), 2);
    expect(server.received).toHaveLength(1);
    expect(counts['failed']).toBe(1);
  });

  it('of a job is not signed with what the configuration signs with', async () => {
    const own = receiver({ secretEnv: 'NOTIFY_SECRET', on: ['late'] });
    await add([receiver({ secretEnv: 'NOTIFY_SECRET' })]);
    const settings = { receivers: [own], env: { NOTIFY_SECRET: 's' } };
    const allow = { notify: ['127.0.0.1'] };
    await scanUntil(sender({ ...settings, allow, guarded: true }), 1);
    expect(server.received).toEqual([]);
    expect(logged.join()).toContain('NOTIFY_SECRET, which is a variable of notify.receivers');
    expect(counts['failed']).toBe(1);
  });

  it('of the configuration goes wherever that says, while it says so', async () => {
    const receivers = [receiver()];
    await add([], receivers);
    await scanUntil(sender({ guarded: true, receivers: [] }), 1);
    expect(logged.join()).toContain('no such receiver any more');
    await scanUntil(sender({ guarded: true, receivers }), 2);
    expect(counts).toMatchObject({ delivered: 1, retried: 1 });
  });

  it('is never sent unsigned where it should be signed, and no secret is ever said', async () => {
    const hook = { url: undefined, urlEnv: 'NOTIFY_HOOK' } as const;
    await add([receiver({ secretEnv: 'NOTIFY_SECRET' }), receiver(hook)]);
    const env = { NOTIFY_HOOK: 'planted://not-an-address' };
    await scanUntil(sender({ env }), 2);
    expect(server.received).toEqual([]);
    expect(logged.join()).toMatch(/NOTIFY_SECRET is not set/);
    expect(logged.join()).toMatch(/NOTIFY_HOOK does not hold an address/);
    server.answer = 500;
    const full = { NOTIFY_HOOK: server.url('/planted'), NOTIFY_SECRET: 'planted' };
    await scanUntil(sender({ env: full }), 4);
    server.answer = 204;
    await scanUntil(sender({ env: full }), 6);
    expect(server.received).toHaveLength(4);
    expect(counts['delivered']).toBe(2);
    const stored = [...store.objects.values()].map((bytes) => Buffer.from(bytes).toString());
    expect(logged.join() + stored.join()).not.toContain('planted');
  });

  it('does not wait behind others whose receiver hangs', async () => {
    server.answer = ({ path }) => (path === '/hangs' ? 'hang' : 204);
    const slow = receiver({ url: server.url('/hangs') });
    for (let n = 0; n < 40; n++) {
      const one = { ...happening, key: `r${n}.1` };
      await outbox.add(one, { job: [slow], configuration: [] });
    }
    await outbox.add({ ...happening, key: 'z.1' }, { job: [receiver()], configuration: [] });
    const one = sender({}, { timeoutMs: 60_000 });
    await scanUntil(one, 1);
    expect(counts['delivered']).toBe(1);
    expect(server.received.filter(({ path }) => path === '/hangs').length).toBeLessThanOrEqual(4);
  });
});
