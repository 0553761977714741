import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** Takes connections and says nothing, as a firewall or a wrong port may. */
const sockets = new Set<Socket>();
const server = createServer((socket) => sockets.add(socket));
let endpoint: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a port.
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const STATE = ['--state', 's3://bucket/state', '--redis', 'redis://127.0.0.1:1'];

test.each([
  ['doctor', ['doctor', ...STATE]],
  ['submit', ['submit', 'job.json', ...STATE]],
  ['status', ['status', 'last', ...STATE]],
  ['plan, for its input', ['plan', 'job.json', '--input', 's3://bucket/data']],
  ['plan, for its model', ['plan', 'model.json']],
])('%s says within seconds that a store does not answer', async (_what, args) => {
  await place.prepare();
  const job = { name: 'm', input: { uri: 'data' }, model: { uri: 's3://bucket/m.onnx' } };
  const output = { uri: 'out', columns: { id: 'id' } };
  await place.write('model.json', JSON.stringify({ ...job, output }));
  const keys = 'AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b';
  const command = place.startIn(`${keys} exec "$@"`, ...args, '--s3-endpoint', endpoint);
  const said = (): string => command.stderr;
  await expect.poll(said, { timeout: 15_000 }).toContain(`waiting for S3 at ${endpoint}`);
  await command.end();
});
