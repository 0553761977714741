import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signedHeaders } from './sign.js';

it('signs as the example of Standard Webhooks has it', () => {
  const headers = signedHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '{"test": 2432232314}',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    1_614_265_330_999,
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('takes any other secret as it is', () => {
  const { 'webhook-signature': signature } = signedHeaders('i', 'b', 'a secret', 1000);
  expect(signature).toBe(`v1,${createHmac('sha256', 'a secret').update('i.1.b').digest('base64')}`);
});

it('signs nothing without a secret', () => {
  expect(signedHeaders('i', 'b', undefined, 1000)).toEqual({
    'webhook-id': 'i',
    'webhook-timestamp': '1',
  });
});

describe('what docs/notifications.md has for receivers', () => {
  const document = readFileSync(
    new URL('../../../../docs/notifications.md', import.meta.url),
    'utf8',
  );
  const block = (language: string): string =>
    document.split('```' + language + '\n')[1]?.split('```')[0] ?? '';
  const now = Date.now();
  const body = '{"text":"a signed \u00f6"}';
  const cases: readonly (readonly [string, boolean, Record<string, string>, string])[] = [
    'a secret',
    'whsec_c2VjcmV0',
  ].flatMap((secret) => {
    const headers = signedHeaders('id.1', body, secret, now);
    const old = signedHeaders('id.1', body, secret, now - 600_000);
    return [
      [secret, true, headers, body],
      [secret, false, headers, `${body} `],
      [secret, false, { ...headers, 'webhook-id': 'id.2' }, body],
      [secret, false, old, body],
      ['another', false, headers, body],
    ] as const;
  });

  it('verifies in JavaScript', async () => {
    const url = `data:text/javascript,${encodeURIComponent(block('js'))}`;
    const { isGenuine }: { isGenuine: (...args: unknown[]) => boolean } = await import(url);
    for (const [secret, genuine, headers, text] of cases) {
      expect(isGenuine(headers, text, secret), `${secret} ${text}`).toBe(genuine);
    }
  });

  const python = spawnSync('python3', ['--version']).status === 0;
  it.skipIf(!python)('verifies in Python', () => {
    const program = `${block('python')}
import json, sys
for secret, genuine, headers, body in json.load(sys.stdin):
    assert is_genuine(headers, body.encode(), secret) == genuine, (secret, body)
print("verified")
`;
    const input = JSON.stringify(cases);
    expect(execFileSync('python3', ['-c', program], { input, encoding: 'utf8' })).toBe(
      'verified\n',
    );
  });
});
