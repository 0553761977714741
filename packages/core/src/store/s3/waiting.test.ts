import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { Stores } from '../stores.js';
import { S3Connection } from './s3-connection.js';

it('reports a store that takes connections and answers nothing, while it is tried', async () => {
  const server = createServer(() => {});
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  process.env['AWS_ACCESS_KEY_ID'] = 'someone';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  const endpoint = `http://user:password@127.0.0.1:${port}`;
  const stores = new Stores({ s3: { endpoint, requestTimeoutMs: 20_000 } });
  const started = performance.now();
  const reported = new Promise<string>((resolve) => {
    stores.onWaiting = resolve;
  });
  const heads = [1, 2, 3].map((n) => stores.open('s3://lake').head(`key-${n}`));
  const settled = Promise.allSettled(heads);
  try {
    const message = await reported;
    // It waits for the report itself, which comes after four seconds.
    expect(performance.now() - started).toBeGreaterThan(3000);
    expect(message).toContain(`waiting for S3 at http://127.0.0.1:${port}: no answer yet`);
    expect(message).not.toContain('password');
  } finally {
    await stores.close();
    await settled;
    server.close();
  }
});

it('names the variables where there are no credentials', async () => {
  const kept = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) delete process.env[name];
  }
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  });
  const stores = new Stores({ s3: { endpoint: 'http://127.0.0.1:9', retryForMs: 0 } });
  try {
    await expect(stores.open('s3://lake').head('key')).rejects.toMatchObject({
      code: 'STORE_DENIED',
      message: 'no credentials for S3 were found',
      remedy: expect.stringMatching(/AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY .* AWS_PROFILE/),
    });
  } finally {
    await stores.close();
    process.env = kept;
  }
});

it('does not wait for a report without a listener', () => {
  expect(new S3Connection({}).onWaiting).toBeUndefined();
});
