import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { freePorts } from './free-ports.js';
import { startS3Server } from './s3-server.js';

const answers = async (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

async function untilSilent(endpoint: string): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    if (!(await answers(endpoint))) return;
  }
  throw new Error(`${endpoint} still answers`);
}

describe('the S3 server', () => {
  it('keeps what is put into it, refuses a second conditional PUT, and ends on close', async () => {
    const server = await startS3Server();
    try {
      await server.createBucket('lake');
      const object = { Bucket: 'lake', Key: 'a/b' };
      const put = { ...object, Body: 'x', IfNoneMatch: '*' };
      await server.client.send(new PutObjectCommand(put));
      await expect(server.client.send(new PutObjectCommand(put))).rejects.toMatchObject({
        name: 'PreconditionFailed',
      });
      const got = await server.client.send(new GetObjectCommand(object));
      expect(await got.Body?.transformToString()).toBe('x');
    } finally {
      await server.close();
    }
    expect(await answers(server.endpoint)).toBe(false);
    await server.close();
  });

  it('runs beside others', async () => {
    const servers = await Promise.all([startS3Server(), startS3Server()]);
    try {
      expect(servers[0].endpoint).not.toBe(servers[1].endpoint);
      await Promise.all(servers.map((server) => server.createBucket('lake')));
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });

  it('gives up at once where another process has its port, so that it can be tried again', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'shardmill-s3-'));
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const taken = typeof address === 'object' ? address?.port : undefined;
    const [port] = await freePorts(1);
    const script = fileURLToPath(new URL('../../scripts/s3-server.sh', import.meta.url));
    const server = spawn('bash', [script, folder, `${port}`, `${taken}`, 'a', 'b']);
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(server, 'exit');
    other.close();
    expect(code).toBe(1);
    expect(said).toContain('failed');
  });

  it('ends with the process that started it, even one that is killed', async () => {
    const kit = new URL('../../dist/index.js', import.meta.url).href;
    const program = `
      const { startS3Server } = await import(${JSON.stringify(kit)});
      console.log((await startS3Server()).endpoint);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    const [said] = await once(child.stdout, 'data');
    const endpoint = String(said).trim();
    expect(await answers(endpoint)).toBe(true);
    child.kill('SIGKILL');
    await untilSilent(endpoint);
  });
});
