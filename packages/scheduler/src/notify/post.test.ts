import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReceiverServer } from '@shardmill/test-kit';
import type { HostRule } from './address-rules.js';
import { postNotification } from './post.js';

let server: ReceiverServer;

beforeEach(async () => {
  server = await ReceiverServer.start();
});
afterEach(() => server.close());

const post = (url: string, rule: HostRule = 'any', timeoutMs = 5000) =>
  postNotification({
    url: new URL(url),
    headers: { 'webhook-id': 'i' },
    body: '{"a":"ö"}',
    rule,
    timeoutMs,
  });

const failure = (url: string, rule: HostRule = 'any', timeoutMs = 5000) =>
  post(url, rule, timeoutMs).then(
    () => expect.fail('it was delivered'),
    (error: unknown) => error,
  );

describe('a request', () => {
  it('is a POST of JSON, and any 2xx is success', async () => {
    await post(server.url('/hook?key=1'));
    expect(server.received).toMatchObject([
      {
        path: '/hook?key=1',
        body: '{"a":"ö"}',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': '10',
          'webhook-id': 'i',
        },
      },
    ]);
  });

  it.each([400, 404, 410, 429, 500, 503])('that is answered with %d failed', async (status) => {
    server.answer = status;
    expect(await failure(server.url())).toMatchObject({
      code: 'NOTIFY_FAILED',
      message: `the receiver answered with ${status}, expected 2xx`,
      where: `http://127.0.0.1:${server.port}`,
    });
  });

  it('does not follow a redirect', async () => {
    const target = await ReceiverServer.start();
    server.answer = { redirect: target.url() };
    expect(await failure(server.url())).toMatchObject({
      code: 'NOTIFY_FAILED',
      message: expect.stringContaining('302, a redirect, which is not followed'),
    });
    expect(target.received).toEqual([]);
    await target.close();
  });

  it('ends after its time where the receiver hangs', async () => {
    server.answer = 'hang';
    expect(await failure(server.url(), 'any', 100)).toMatchObject({
      code: 'NOTIFY_FAILED',
      message: 'no answer within 100 ms',
    });
  });

  it('says no more of an address than its origin, whatever goes wrong', async () => {
    server.answer = 'reset';
    const gone = await ReceiverServer.start();
    await gone.close();
    for (const url of [
      server.url('/planted?key=planted'),
      gone.url('/planted'),
      'http://nowhere.invalid/planted',
      `https://127.0.0.1:${server.port}/planted`,
    ]) {
      const error = await failure(url);
      expect(error).toMatchObject({ code: 'NOTIFY_FAILED' });
      expect(JSON.stringify(error) + String(error)).not.toContain('planted');
    }
  });
});

describe('addresses within', () => {
  it.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'are refused where only public ones may be: %s',
    async (host) => {
      expect(await failure(`http://${host}:${server.port}/`, 'public')).toMatchObject({
        code: 'NOTIFY_FORBIDDEN',
        message: expect.stringContaining('is not public'),
      });
      expect(server.received).toEqual([]);
    },
  );

  it.each(['169.254.169.254', '2852039166', '[fd00:ec2::254]', '[::ffff:a9fe:a9fe]'])(
    'of metadata are refused also where the host was named: %s',
    async (host) => {
      expect(await failure(`http://${host}/latest/meta-data`, 'named')).toMatchObject({
        code: 'NOTIFY_FORBIDDEN',
      });
    },
  );

  it('are used where the configuration names the host', async () => {
    await post(`http://localhost:${server.port}/`, 'named');
    expect(server.received).toHaveLength(1);
  });
});
