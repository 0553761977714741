import { createHmac } from 'node:crypto';

const ENCODED_SECRET = 'whsec_';

/**
 * The headers of a signed request, as Standard Webhooks has them (https://www.standardwebhooks.com):
 * HMAC-SHA256 over id, time and body, so that a request can be neither changed nor sent again later.
 * @param secret as it is, or base64 after `whsec_`; unsigned where left out.
 * @param now milliseconds since 1970.
 */
export function signedHeaders(
  id: string,
  body: string,
  secret: string | undefined,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`);
  return { ...headers, 'webhook-signature': `v1,${hmac.digest('base64')}` };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(ENCODED_SECRET)
    ? Buffer.from(secret.slice(ENCODED_SECRET.length), 'base64')
    : Buffer.from(secret);
}
